import type { JobContext } from '../job-context.ts';

const toldProblems = 1000;
const keptProblems = 100;

/** One line for each thing that is broken; after a thousand only their number (I11). */
export interface Report {
  readonly count: number;
  readonly first: readonly string[];
  tell(problem: string): Promise<void>;
}

export function createReport(context: Pick<JobContext<unknown>, 'note'>): Report {
  const first: string[] = [];
  let count = 0;
  return {
    get count() {
      return count;
    },
    first,
    tell: async (problem) => {
      count += 1;
      if (count <= keptProblems) first.push(problem);
      if (count <= toldProblems) await context.note(problem);
      if (count === toldProblems) await context.note('there are more; the rest is only counted');
    },
  };
}
