/** All instances that have any of the disks: off and locked meanwhile, and as they were afterwards, whatever fails. */
import { describeError } from '../../../base/errors.ts';
import type { RestoreDeps } from '../deps.ts';
import type { Journal } from '../journal.ts';
import type { RestorePlan } from '../plan.ts';
import { holdInstance, releaseInstance } from './hold-instance.ts';
import type { HolderPlan } from './plan.ts';

type Deps = Pick<RestoreDeps, 'cloud'>;
type Plan = Pick<RestorePlan, 'holder' | 'coHolders'>;

/** The point's own instance first. */
export function holdersOf({ holder, coHolders = [] }: Plan): HolderPlan[] {
  return holder === undefined ? [] : [holder, ...coHolders];
}

/** The change of a plan that makes this instance's part of it so. */
function withHolder({ holder, coHolders = [] }: Plan, next: HolderPlan): Plan {
  if (next.instanceId === holder?.instanceId) return { holder: next };
  return { coHolders: coHolders.map((one) => (one.instanceId === next.instanceId ? next : one)) };
}

/** One after the other; each is recorded before it is stopped (I9). */
export async function holdInstances(
  deps: Deps,
  journal: Journal<RestorePlan>,
  reason: string,
): Promise<void> {
  const record = async (holder: HolderPlan, step: string): Promise<void> => {
    await journal.change(withHolder(journal.plan, holder), step);
  };
  for (const holder of holdersOf(journal.plan)) {
    if (holder.released === true) continue;
    const held = await holdInstance(deps, holder, {
      reason,
      record: (next) => record(next, `stopping instance ${next.instanceId}`),
    });
    await record(held, `instance ${held.instanceId} is stopped`);
  }
}

/** What an earlier job that failed had stopped and locked was not so before it. */
export function asTheyWere<P extends Plan>(plan: P, before: Plan | undefined): P {
  const held = holdersOf(before ?? {}).filter((one) => one.held && one.released !== true);
  const withLeft = (now: HolderPlan): HolderPlan => {
    const was = held.find(({ instanceId }) => instanceId === now.instanceId);
    return was === undefined
      ? now
      : { ...now, left: { wasRunning: was.wasRunning, wasLocked: was.wasLocked } };
  };
  return {
    ...plan,
    ...(plan.holder === undefined ? {} : { holder: withLeft(plan.holder) }),
    ...(plan.coHolders === undefined ? {} : { coHolders: plan.coHolders.map(withLeft) }),
  };
}

/** The change of a plan that makes all of them so. */
export function withReleased({ holder, coHolders }: Plan, released: boolean): Plan {
  return {
    ...(holder === undefined ? {} : { holder: { ...holder, released } }),
    ...(coHolders === undefined ? {} : { coHolders: coHolders.map((one) => ({ ...one, released })) }),
  };
}

/** Every one of them is tried; throws what the first one failed with. */
export async function releaseAll(deps: Deps, plan: Plan): Promise<void> {
  let first: { error: unknown } | undefined;
  for (const holder of holdersOf(plan)) {
    if (holder.released === true) continue;
    try {
      await releaseInstance(deps, holder);
    } catch (error) {
      first ??= { error };
    }
  }
  if (first !== undefined) throw first.error;
}

/**
 * When the disks are right: one that cannot be started again is said, and is no reason to take the disks back.
 *
 * @param willResume Whether another attempt goes on: then what fails is thrown.
 */
export async function releaseInstances(
  deps: Deps,
  journal: Journal<RestorePlan>,
  { willResume, onProblem }: { willResume: () => boolean; onProblem: (text: string) => Promise<void> },
): Promise<void> {
  for (const holder of holdersOf(journal.plan)) {
    if (holder.released === true) continue;
    try {
      await releaseInstance(deps, holder);
    } catch (error) {
      if (willResume()) throw error;
      await onProblem(
        `instance ${holder.instanceId} could not be given back as it was: ${describeError(error)}; start it by hand: openstack server start ${holder.instanceId}`,
      );
    }
    const next = { ...holder, released: true };
    await journal.change(withHolder(journal.plan, next), 'instance released');
  }
}

/** Off again for an undo: an attempt that was killed may have let them go already. */
export async function holdAllAgain({ cloud }: Deps, plan: Plan, reason: string): Promise<void> {
  for (const { projectId, instanceId, wasLocked, held } of holdersOf(plan)) {
    if (!held) continue;
    if (!wasLocked) await cloud.lockInstance(projectId, instanceId, reason);
    await cloud.stopInstance(projectId, instanceId);
  }
}
