/** What a plan met on its way: what cannot be had, and what will merely be different. */
import { AppError, familyOf, type ErrorCode } from '../../base/errors.ts';
import { describeProblem, problemOf, type RestoreProblem } from '../../domain/restore-problem.ts';

export class Findings {
  readonly problems: RestoreProblem[] = [];
  readonly notes: string[] = [];
  /** As they would be thrown alone. */
  readonly #errors: AppError[] = [];

  /** The message says what is wrong, and after its last semicolon what to do. */
  refuse(error: AppError, diskKey?: string): void {
    const problem = problemOf(error, diskKey);
    if (this.problems.some((known) => isSame(known, problem))) return;
    this.problems.push(problem);
    this.#errors.push(error);
  }

  /** Of a new instance. */
  problem(what: string, remedy: string): void {
    this.refuse(new AppError('CONFLICT_INSTANCE_PLAN', `${what}; ${remedy}`));
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  /**
   * What a step refuses is kept, so that the next can be looked at; undefined then. What merely failed (Ceph, OpenStack),
   * and damage (I8), is thrown on.
   */
  async attempt<T>(diskKey: string | undefined, step: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.refuse(error, diskKey);
      return undefined;
    }
  }

  /**
   * Throws every problem at once, so that nobody finds them one by one: one alone as the error that it is, several
   * under their common code, or as CONFLICT_RESTORE_PLAN.
   */
  settle(what: string): void {
    const [only, ...others] = this.#errors;
    if (only === undefined) return;
    const { problems, notes } = this;
    if (others.length === 0 && only.code !== 'CONFLICT_INSTANCE_PLAN') {
      const details = { ...only.details, problems };
      throw new AppError(only.code, only.message, { cause: only.cause, details, retryable: only.retryable });
    }
    const words = problems.map(describeProblem);
    const list =
      words.length === 1 ? words.join('') : words.map((one, at) => `(${at + 1}) ${one}`).join('; ');
    throw new AppError(commonCode(problems), `${what} cannot be made, and nothing was begun: ${list}`, {
      details: { problems, notes },
    });
  }
}

function commonCode(problems: readonly RestoreProblem[]): ErrorCode {
  const [first, ...others] = new Set(problems.map(({ code }) => code));
  return first === undefined || others.length > 0 ? 'CONFLICT_RESTORE_PLAN' : first;
}

/** Not what OpenStack answered to a question: its errors name the service. */
function isRefusal(error: unknown): error is AppError {
  if (!(error instanceof AppError) || error.details['serviceType'] !== undefined) return false;
  return ['INPUT', 'CONFLICT', 'LIMIT'].includes(familyOf(error.code));
}

function isSame(one: RestoreProblem, other: RestoreProblem): boolean {
  return one.code === other.code && one.diskKey === other.diskKey && one.what === other.what;
}
