import { CommanderError, type Command } from 'commander';
import { toAppError } from '../../base/errors.ts';
import type { CliContext } from './context.ts';
import type { CliDeps } from './deps.ts';
import { exitCodeOf, exitInterrupted } from './exit-codes.ts';
import { readGlobalOptions } from './global-options.ts';
import { oneLine } from './human.ts';
import { createProgram } from './program.ts';
import { formatError } from './report-error.ts';

/**
 * Runs one command line (without node and script) and resolves to the exit code. Results go to standard output,
 * everything said to the person to standard error; nothing is thrown.
 */
export async function runCli(argv: readonly string[], deps: CliDeps): Promise<number> {
  const first = new AbortController();
  const second = new AbortController();
  const stopListening = deps.onInterrupt(() => (first.signal.aborted ? second : first).abort());
  let context: CliContext | undefined;
  const program = createProgram(deps, async (command) => {
    context = {
      deps,
      globals: readGlobalOptions(program),
      interrupted: first.signal,
      forced: second.signal,
      exitCode: 0,
    };
    await command(context);
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return context?.exitCode ?? 0;
  } catch (error) {
    if (error instanceof CommanderError) return usageExitCode(error, program, { argv, deps });
    deps.stderr.write(formatError(error, program.opts<{ debug?: true }>().debug === true));
    return first.signal.aborted ? exitInterrupted : exitCodeOf(toAppError(error).code);
  } finally {
    stopListening();
  }
}

/** Commander ends by throwing, also when it only showed help. */
function usageExitCode({ code, message }: CommanderError, program: Command, context: UsageContext): number {
  if (code === 'commander.helpDisplayed' || code === 'commander.version') return 0;
  if (code === 'commander.help') return 2;
  const [problem = '', ...hints] = message.replace(/^error: /, '').split('\n');
  const hint = hints
    .join(' ')
    .replace(/^\((.*)\)$/, '$1')
    .trim();
  const what = [problem, hint].filter((part) => part !== '').join('. ');
  const see = `see \`${commandPath(program, context.argv)} --help\``;
  context.deps.stderr.write(
    `emberkeep: ${oneLine(what)}${what.endsWith('?') ? '' : ';'} ${see} (INPUT_USAGE)\n`,
  );
  return exitCodeOf('INPUT_USAGE');
}

interface UsageContext {
  argv: readonly string[];
  deps: CliDeps;
}

/** The command that the person was about to use, as far as it is known. */
function commandPath(program: Command, argv: readonly string[]): string {
  const names = [program.name()];
  let command: Command | undefined = program;
  for (const word of argv) {
    command = command.commands.find((candidate) => candidate.name() === word);
    if (command === undefined) break;
    names.push(command.name());
  }
  return names.join(' ');
}
