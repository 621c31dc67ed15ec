import type { CliDeps, OpenStackOptions } from './deps.ts';

/** What one run of the command line has at hand. */
export interface CliContext {
  deps: CliDeps;
  globals: GlobalOptions;
  /** Aborted by the first interrupt: stop what is under way, tidily. */
  interrupted: AbortSignal;
  /** Aborted by the second: wait for nothing any more. */
  forced: AbortSignal;
  /** The exit code when nothing is thrown; a command that did only a part raises it. */
  exitCode: number;
}

export interface GlobalOptions {
  openstack: OpenStackOptions;
  endpoint: string | undefined;
  config: string | undefined;
  stateDir: string | undefined;
  debug: boolean;
}

export function print(context: CliContext, text: string): void {
  context.deps.stdout.write(text.endsWith('\n') || text === '' ? text : `${text}\n`);
}

/** Words for the person, never part of the result. */
export function say(context: CliContext, text: string): void {
  context.deps.stderr.write(`${text}\n`);
}
