import { AppError } from '../../../base/errors.ts';

/** What a plan met on its way: what cannot be had, and what will merely be different. */
export class Findings {
  readonly problems: string[] = [];
  readonly notes: string[] = [];

  problem(text: string): void {
    this.problems.push(text);
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  /** Throws CONFLICT_INSTANCE_PLAN with every problem at once, so that nobody finds them one by one. */
  settle(what: string): void {
    const { problems } = this;
    if (problems.length === 0) return;
    const list =
      problems.length === 1 ? problems.join('') : problems.map((one, at) => `(${at + 1}) ${one}`).join('; ');
    throw new AppError('CONFLICT_INSTANCE_PLAN', `${what} cannot be made, and nothing was begun: ${list}`, {
      details: { problems, notes: this.notes },
    });
  }
}
