/** UTC to the second: what a list needs. */
export function humanTime(timestamp: string): string {
  return timestamp.replace(/\.\d+Z$/, 'Z');
}

/** Names are other people's texts: what could steer a terminal is shown, not sent. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\n' ? '\n' : `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0') ?? ''}`,
  );
}

/** A name for a line of text: control characters and line breaks are shown as escapes. */
export function oneLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}
