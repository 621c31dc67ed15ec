/** Changes to the program, a file each in changes/, and how they become a section of CHANGELOG.md. Node's own modules only. */

/** By the last part of a fragment's name; in this order in a section. */
export const changeTypes = ['added', 'changed', 'fixed', 'removed', 'security'] as const;
export type ChangeType = (typeof changeTypes)[number];

export interface Fragment {
  /** File name in changes/. */
  file: string;
  type: ChangeType;
  /** Lines of one list item, without its mark. */
  lines: string[];
}

const longest = 600;

/** @throws Error that says what is wrong with the fragment. */
export function readFragment(file: string, text: string): Fragment {
  const refuse = (what: string): never => {
    throw new Error(`changes/${file}: ${what}; changes/README.md shows the form`);
  };
  const type = /^[a-z0-9]+(?:-[a-z0-9]+)*[.]([a-z]+)[.]md$/.exec(file)?.[1];
  if (type === undefined) return refuse('its name is not NAME.TYPE.md, in lower case with dashes');
  if (!isChangeType(type)) return refuse(`${type} is no type; the types are ${changeTypes.join(', ')}`);
  const body = text.trim();
  if (body === '') refuse('it is empty');
  if (body.includes('\n\n')) refuse('it has more than one paragraph');
  if (/^(?:[#>|]|[-*+] |\d+[.] )/m.test(body))
    refuse('it is no plain paragraph but a heading, list, table or quotation');
  if (body.includes('](')) refuse('it has a link, which would lead elsewhere from CHANGELOG.md');
  if (!/^[A-Z`]/.test(body)) refuse('it begins with neither a capital letter nor code');
  if (!body.endsWith('.')) refuse('it ends without a full stop');
  if (body.length > longest) refuse(`it has more than ${longest} characters`);
  return { file, type, lines: body.split('\n').map((line) => line.trim()) };
}

function isChangeType(text: string): text is ChangeType {
  return (changeTypes as readonly string[]).includes(text);
}

export interface Section {
  version: string;
  /** ISO date, or undefined for one that is not released. */
  date: string | undefined;
  /** Without the heading, trimmed. */
  body: string;
}

export interface Changelog {
  head: string;
  /** Newest first. */
  sections: Section[];
}

/** @throws Error when a heading is not `## VERSION, DATE` or `## VERSION, unreleased`. */
export function parseChangelog(text: string): Changelog {
  const [head = '', ...parts] = text.split(/^## /m);
  const sections = parts.map((part): Section => {
    const found = /^(\d+[.]\d+[.]\d+), (unreleased|\d{4}-\d{2}-\d{2})\n([^]*)$/.exec(part);
    if (found === null)
      throw new Error(`CHANGELOG.md: "## ${part.split('\n', 1).join()}" is no heading of a version`);
    const [, version = '', date, body = ''] = found;
    return { version, date: date === 'unreleased' ? undefined : date, body: body.trim() };
  });
  return { head, sections };
}

/**
 * The section of this version with the fragments below what stands in it already.
 *
 * @throws Error when the version was released before, or when it has no changes.
 */
export function nextSection(
  { sections }: Changelog,
  fragments: readonly Fragment[],
  { version, date }: { version: string; date: string | undefined },
): Section {
  const begun = sections.find((section) => section.version === version);
  if (begun?.date !== undefined)
    throw new Error(`${version} was released on ${begun.date}; set the next version in package.json first`);
  const groups = changeTypes.flatMap((type) => {
    const items = fragments.filter((fragment) => fragment.type === type).map(itemOf);
    return items.length === 0
      ? []
      : [`### ${type.charAt(0).toUpperCase()}${type.slice(1)}\n\n${items.join('\n')}`];
  });
  const body = [...(begun === undefined || begun.body === '' ? [] : [begun.body]), ...groups].join('\n\n');
  if (body === '') throw new Error(`nothing changed in ${version}: there is no fragment in changes/`);
  return { version, date, body };
}

function itemOf({ lines }: Fragment): string {
  return `- ${lines.join('\n  ')}`;
}

export function renderSection({ version, date, body }: Section): string {
  return `## ${version}, ${date ?? 'unreleased'}\n\n${body}\n`;
}

/** The whole file with this section in place of the one of its version, or before all others. */
export function withSection({ head, sections }: Changelog, section: Section): string {
  const others = sections.filter(({ version }) => version !== section.version);
  return `${head.trimEnd()}\n\n${[section, ...others].map(renderSection).join('\n')}`;
}
