/** docs/reference/cli.md: every command with its arguments and options, from commander's own tree. */
import { type Argument, type Command, type Option } from 'commander';
import type { CliDeps } from '../../../src/entry/cli/deps.ts';
import { exitCodesHelp } from '../../../src/entry/cli/exit-codes.ts';
import { createProgram } from '../../../src/entry/cli/program.ts';
import { code, linkTo, prose, sentence, table } from './markdown.ts';

const intro = `# Commands

Every command of \`emberkeep\`, made from the program by \`npm run docs\`. What the commands are for, with their output:
[the command line](../use/cli.md). \`emberkeep COMMAND --help\` prints the same.

A word in capitals stands for a value that you give; what is in \`[...]\` may be left out. Commands that print a result also take
the [output options](#output-options), and all take the [global options](#global-options).
`;

const outputFlags = ['-f, --format <FORMAT>', '-c, --column <COLUMN>'];

export function cliPage(): string {
  const { program, helpOf } = commandTree();
  const commands = leavesOf(program);
  const groups = Map.groupBy(commands, ({ group }) => group);
  const parts = [
    intro,
    ...[...groups].map(([group, members]) => `## ${group}\n\n${overviewOf(members)}`),
    '## Global options',
    'They stand before or after the command.',
    optionLists(program.options, program),
    '## Output options',
    outputOptionsOf(commands),
    '## Exit codes',
    exitCodes(),
    '## Every command',
    ...commands.map((leaf) => sectionOf(leaf, helpOf(leaf.command))),
  ];
  return `${parts.join('\n\n')}\n`;
}

interface Leaf {
  /** `emberkeep restore list` without the first word. */
  name: string;
  command: Command;
  group: string;
}

interface Tree {
  program: Command;
  /** As `--help` prints it. */
  helpOf: (command: Command) => string;
}

/** The tree only describes itself: no action runs, so nothing of its surroundings is used but where help goes. */
function commandTree(): Tree {
  let written = '';
  const stdout = { write: (text: string) => (written += text) };
  const deps = { stdout, stderr: stdout, version: '', now: () => new Date(0) } as unknown as CliDeps;
  const helpOf = (command: Command): string => {
    written = '';
    command.outputHelp();
    return written;
  };
  return { program: createProgram(deps, () => Promise.resolve()), helpOf };
}

/** Everything that can be typed: commands with an action, in the order of the help. */
function leavesOf(program: Command): Leaf[] {
  const visit = (command: Command, path: string[], group: string): Leaf[] => {
    const own = isRunnable(command) ? [{ name: path.join(' '), command, group }] : [];
    return [...own, ...command.commands.flatMap((child) => visit(child, [...path, child.name()], group))];
  };
  return program.commands.flatMap((command) =>
    visit(command, [command.name()], command.helpGroup().replace(/:$/, '')),
  );
}

/** A command that only holds others has neither arguments nor an action of its own; commander does not tell the latter. */
function isRunnable(command: Command): boolean {
  if (command.commands.length === 0) return true;
  return command.registeredArguments.length > 0 || visibleOptions(command).length > 0;
}

function overviewOf(leaves: readonly Leaf[]): string {
  const rows = leaves.map(({ name, command }) => [
    linkTo(name, code(name)),
    prose(command.summary() || command.description()),
  ]);
  return table(['command', 'does'], rows);
}

function sectionOf({ name, command }: Leaf, help: string): string {
  const all = visibleOptions(command);
  const own = all.filter(({ flags }) => !outputFlags.includes(flags));
  const hasOutput = own.length < all.length;
  const usage = [
    'emberkeep',
    name,
    ...(all.length > 0 ? ['[options]'] : []),
    ...command.registeredArguments.map(argumentTerm),
  ].join(' ');
  const parts = [
    `### ${name}`,
    sentence(prose(command.description())),
    `\`\`\`\n${usage}\n\`\`\``,
    command.registeredArguments.map(argumentItem).join('\n'),
    optionLists(own, command),
    hasOutput ? `Also the ${linkTo('Output options', 'output options')}.` : '',
    examplesOf(help),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function visibleOptions(command: Command): Option[] {
  return command.options.filter(({ hidden }) => !hidden);
}

function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function argumentItem(argument: Argument): string {
  const facts = [
    ...(argument.required ? [] : ['optional']),
    ...(argument.argChoices === undefined ? [] : [`one of ${argument.argChoices.map(code).join(', ')}`]),
  ];
  return item(`${argument.name()}${argument.variadic ? '...' : ''}`, facts, argument.description);
}

/** By the groups that the help has. */
function optionLists(options: readonly Option[], command: Command): string {
  const groups = Map.groupBy(options, ({ helpGroupHeading }) => helpGroupHeading ?? '');
  return [...groups]
    .map(([heading, members]) => {
      const title = heading === '' ? (command.registeredArguments.length > 0 ? 'Options:' : '') : heading;
      const list = members.map(optionItem).join('\n');
      return title === '' ? list : `${prose(title)}\n\n${list}`;
    })
    .join('\n\n');
}

function optionItem(option: Option): string {
  const facts = [
    ...(option.mandatory ? ['must be given'] : []),
    ...(option.argChoices === undefined ? [] : [`one of ${option.argChoices.map(code).join(', ')}`]),
    ...(option.defaultValue === undefined || option.negate
      ? []
      : [`default ${code(option.defaultValueDescription ?? String(option.defaultValue))}`]),
  ];
  return item(option.flags, facts, option.description);
}

function item(term: string, facts: readonly string[], description: string): string {
  const text = description === '' ? '' : `: ${prose(description)}`;
  return `- ${code(term)}${facts.length === 0 ? '' : ` (${facts.join('; ')})`}${text}`;
}

function outputOptionsOf(leaves: readonly Leaf[]): string {
  const found = leaves
    .flatMap(({ command }) => command.options)
    .filter(({ flags }) => outputFlags.includes(flags));
  return outputFlags.map((flags) => optionItem(found.find((option) => option.flags === flags)!)).join('\n');
}

/** The help ends with them. */
function examplesOf(help: string): string {
  const lines = /\nExamples:\n((?: {2}.*\n?)+)/.exec(help)?.[1]?.trimEnd().split('\n') ?? [];
  if (lines.length === 0) return '';
  return `\`\`\`\n${lines.map((line) => line.slice(2)).join('\n')}\n\`\`\``;
}

function exitCodes(): string {
  const rows = [...exitCodesHelp.matchAll(/^ {2}(\d+) {2}(.+)$/gm)].map(([, number = '', text = '']) => [
    number,
    prose(text),
  ]);
  const more = 'Which error ends with which code: [error codes](errors.md#families).';
  return `${table(['exit code', 'meaning'], rows)}\n\n${more}`;
}
