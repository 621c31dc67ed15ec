import type { CliContext } from '../context.ts';
import { withSession, type Session, type SessionOptions } from '../session.ts';

/** Gives a command its context, which exists only once the line is parsed. */
export type Runner = (command: (context: CliContext) => Promise<void>) => Promise<void>;

export type SessionCommand = (context: CliContext, session: Session) => Promise<void>;

export async function runInSession(
  run: Runner,
  command: SessionCommand,
  options?: SessionOptions,
): Promise<void> {
  await run((context) => withSession(context, (session) => command(context, session), options));
}
