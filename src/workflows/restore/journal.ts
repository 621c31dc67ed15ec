import { AppError } from '../../base/errors.ts';
import type { JobContext } from '../job-context.ts';
import type { RestoreDiskPlan, RestorePlan } from './plan.ts';

/** The plan as it stands; every change of it is durable before the next step. */
export interface Journal<Plan extends RestorePlan> {
  readonly plan: Plan;
  disk(index: number): RestoreDiskPlan;
  record(step: string): Promise<void>;
  change(change: Partial<Plan>, step: string): Promise<void>;
  update(index: number, change: Partial<RestoreDiskPlan>, step: string): Promise<void>;
}

export function createJournal<Plan extends RestorePlan>(
  context: Pick<JobContext<Plan>, 'record'>,
  initial: Plan,
): Journal<Plan> {
  let plan = initial;
  const journal: Journal<Plan> = {
    get plan() {
      return plan;
    },
    disk: (index) => {
      const disk = plan.disks[index];
      if (disk === undefined) throw new AppError('BUG_MISSING', `the plan has no disk ${index}`);
      return disk;
    },
    record: (step) => context.record(step, plan),
    change: async (change, step) => {
      plan = { ...plan, ...change };
      await context.record(step, plan);
    },
    update: async (index, change, step) => {
      // Taken anew at each change: disks are imported side by side.
      plan = { ...plan, disks: plan.disks.map((disk, at) => (at === index ? { ...disk, ...change } : disk)) };
      await context.record(step, plan);
    },
  };
  return journal;
}
