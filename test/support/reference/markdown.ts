/** Small pieces of Markdown that the generated pages share. */
import { slug } from 'github-slugger';

/** Text of the program as Markdown: what looks like a tag stays text, what is in backticks stays code. */
export function prose(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[<*[\]|]/g, String.raw`\$&`)))
    .join('`')
    .replace(/\s+/g, ' ')
    .trim();
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lineOf = (cells: readonly string[]): string => `| ${cells.map((cell) => cell || ' ').join(' | ')} |`;
  return [lineOf(head), lineOf(head.map(() => '---')), ...rows.map(lineOf)].join('\n');
}

/** `[text](#anchor)` to a heading of the same page, which must be the only one with these words. */
export function linkTo(heading: string, text = heading): string {
  return `[${text}](#${slug(heading)})`;
}

export function code(text: string): string {
  return `\`${text}\``;
}

export function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?:]$/.test(first) ? first : `${first}.`;
}
