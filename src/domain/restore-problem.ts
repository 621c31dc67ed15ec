import { type AppError, type ErrorCode } from '../base/errors.ts';

/** One thing that stands against a restore, before anything is begun. */
export interface RestoreProblem {
  /** Of the error that it is when it is the only one. */
  code: ErrorCode;
  /** What is wrong, in words. */
  what: string;
  /** What to do about it; empty when nothing is known. */
  remedy: string;
  /** Whose problem it is; undefined when it is that of the restore as a whole. */
  diskKey?: string | undefined;
}

/** Messages of refusals say what is wrong, and after their last semicolon what to do. */
export function problemOf({ code, message }: AppError, diskKey?: string): RestoreProblem {
  const at = message.lastIndexOf('; ');
  const [what, remedy] = at < 0 ? [message, ''] : [message.slice(0, at), message.slice(at + 2)];
  return { code, what, remedy, ...(diskKey === undefined ? {} : { diskKey }) };
}

export function describeProblem({ what, remedy }: RestoreProblem): string {
  return remedy === '' ? what : `${what}; ${remedy}`;
}
