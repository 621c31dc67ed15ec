import type { Command } from 'commander';

/** Help that ends with what a person would really type. */
export function addExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText(
    'after',
    `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}\n\nGlobal options (--os-cloud, --endpoint, ...) and exit codes: emberkeep --help`,
  );
}
