/** A configuration file with every option, and the reference of them; both from the schema alone. */
import { stringify } from 'yaml';
import { anyName, configOptions, type ConfigOption } from './options.ts';

const intro = `# Emberkeep's configuration. Every option is here with its default, or "..." where there is none;
# take away the "#" of those that you change, and of the sections around them. \`emberkeep config check\` says whether
# the file is right; docs/install/configuration.md says more.
`;

/** YAML in which everything is commented out, so that it means what an empty file means. */
export function sampleConfig(): string {
  const shown = new Set<string>();
  const lines: string[] = [];
  for (const option of configOptions()) {
    for (const [depth, key] of option.path.slice(0, -1).entries()) {
      const section = option.path.slice(0, depth + 1).join('.');
      if (shown.has(section)) continue;
      shown.add(section);
      if (depth === 0) lines.push('');
      lines.push(`#${indent(depth)}${key}:`);
    }
    lines.push(...linesOf(option, shown));
  }
  return `${intro}${lines.join('\n')}\n`;
}

function linesOf(option: ConfigOption, shown: Set<string>): string[] {
  const { path, description, type, default: value } = option;
  const depth = path.length - 1;
  const margin = indent(depth);
  const key = path.at(-1) ?? '';
  const gap = depth === 0 ? [''] : [];
  const comment = (facts: readonly string[]): string =>
    `# ${margin}## ${[description, ...facts].filter((text) => text !== '').join('; ')}`;
  if (type === 'section' || type === 'mapping by name') {
    shown.add(path.join('.'));
    const facts = value === undefined ? [] : [`by default ${inline(value)}`];
    return [...gap, comment(facts), `#${margin}${key}:`];
  }
  return [...gap, comment([type]), `#${margin}${key}: ${value === undefined ? '...' : inline(value)}`];
}

function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

function indent(depth: number): string {
  return '  '.repeat(depth);
}

const referenceIntro = `# Configuration options

Every option of \`emberkeep.yaml\`, made from the schema by \`npm run docs\`. How to set the service up:
[configuration](../install/configuration.md). \`emberkeep config sample\` prints the same as a file to start from,
\`emberkeep config check\` says whether a file is right, \`emberkeep config show\` what is in effect.

\`${anyName}\` stands for a name that you choose. All sizes and times are in the unit that the option names.
`;

/** Markdown, a section for each top-level key. */
export function configReference(): string {
  const sections = Map.groupBy(configOptions(), ({ path }) => path[0] ?? '');
  const parts = [...sections].map(([name, options]) => [`## ${name}`, '', ...options.map(itemOf)].join('\n'));
  return `${referenceIntro}\n${parts.join('\n\n')}\n`;
}

function itemOf({ path, type, description, default: value }: ConfigOption): string {
  const facts = [type, value === undefined ? undefined : `default \`${inline(value)}\``];
  const shown = facts.filter((fact) => fact !== undefined).join(', ');
  return `- \`${path.join('.')}\` (${shown})${description === '' ? '' : `: ${description}`}`;
}
