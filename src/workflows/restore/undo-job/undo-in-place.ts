/** The kept images back under the disks' names, the restored ones removed. */
import { AppError, describeError } from '../../../base/errors.ts';
import { formatLocation } from '../../../domain/disk.ts';
import type { JobContext } from '../../job-context.ts';
import { markOf, undoMark } from '../deps.ts';
import { examineDisk } from '../in-place/examine-disk.ts';
import { holdInstance, releaseInstance } from '../in-place/hold-instance.ts';
import { planHolder } from '../in-place/make-swaps.ts';
import type { HolderPlan } from '../in-place/plan.ts';
import { assertSwapped, hasBegun, swapBack, swapImages, type BegunSwap } from '../in-place/swap-images.ts';
import type { Journal } from '../journal.ts';
import type { RestoreDiskPlan, RestorePlan } from '../plan.ts';
import { onceFree } from '../wait-until-free.ts';
import type { UndoDeps } from './deps.ts';
import type { UndoPlan } from './plan.ts';

/** The instance that has the disks now: it may be another one's turn than at the restore, or nobody's. */
export async function planHolderAgain(
  deps: UndoDeps,
  { mode, disks }: Pick<RestorePlan, 'mode' | 'disks'>,
): Promise<HolderPlan | undefined> {
  if (mode !== 'in-place') return undefined;
  const now = await Promise.all(
    disks.map(async ({ disk, swap }) => {
      const projectId = swap?.projectId;
      const { instanceId } = await examineDisk(deps, { disk, projectId, pointBytes: 0 });
      return { projectId, instanceId };
    }),
  );
  return await planHolder(deps, now);
}

export async function undo(
  deps: UndoDeps,
  journal: Journal<UndoPlan>,
  context: JobContext<UndoPlan>,
): Promise<void> {
  const { signal } = context;
  if (!journal.plan.back) {
    if (!journal.plan.begun) await examine(deps, journal, signal);
    await hold(deps, journal);
    for (const disk of journal.plan.disks.toReversed())
      await swapBack(deps, { swap: swapOf(disk), mark: markFor(journal.plan, disk), signal });
    await journal.change({ back: true }, 'the images are back in their places');
  }
  await removeRestored(deps, journal, context);
  await release(deps, journal, context);
}

/** As the restore had left it. */
export async function redo(deps: UndoDeps, { plan }: Journal<UndoPlan>): Promise<void> {
  const { signal } = new AbortController();
  if (plan.begun)
    for (const disk of plan.disks)
      await swapImages(deps, { swap: swapOf(disk), mark: markFor(plan, disk), signal });
  if (plan.holder !== undefined) await releaseInstance(deps, plan.holder);
}

function swapOf({ disk, swap }: RestoreDiskPlan): BegunSwap {
  if (swap !== undefined && hasBegun(swap)) return swap;
  throw new AppError('BUG_IN_PLACE', `the plan of the restore has no swap of ${disk.key}`);
}

function markFor({ restoreId }: UndoPlan, disk: RestoreDiskPlan): { key: string; value: string } {
  return { key: undoMark, value: markOf(restoreId, swapOf(disk).kept) };
}

/** Everything that would refuse it does so before anything is touched. */
async function examine(deps: UndoDeps, journal: Journal<UndoPlan>, signal: AbortSignal): Promise<void> {
  for (const plan of journal.plan.disks) {
    const swap = swapOf(plan);
    await assertSwapped(deps, swap, signal);
    const found = await deps.rbd.readImageMark(swap.kept, undoMark);
    if (found !== markFor(journal.plan, plan).value) {
      throw new AppError(
        'CONFLICT_DISK_CHANGED',
        `${formatLocation(swap.kept)} does not bear the mark of restore ${journal.plan.restoreId}, so it may be somebody else's; nothing was touched`,
      );
    }
    const { disk } = plan;
    const now = await examineDisk(deps, { disk, projectId: swap.projectId, pointBytes: 0 });
    if (formatLocation(now.location) !== formatLocation(swap.target)) {
      throw new AppError(
        'CONFLICT_DISK_CHANGED',
        `${disk.key} is in ${formatLocation(now.location)} now, and what was kept of it is in pool ${swap.kept.pool}; nothing was touched`,
      );
    }
    // Extended since: behind what was there come zeros.
    const kept = await deps.rbd.showImage(swap.kept);
    if (disk.kind !== 'image' && kept.sizeBytes < now.wantedBytes)
      await deps.rbd.growImage(swap.kept, now.wantedBytes);
  }
}

async function hold(deps: UndoDeps, journal: Journal<UndoPlan>): Promise<void> {
  const { holder, restoreId } = journal.plan;
  if (holder === undefined) {
    await journal.change({ begun: true }, 'putting the images back');
    return;
  }
  const held = await holdInstance(deps, holder, {
    reason: `restore ${restoreId} of its disks is undone`,
    record: (next) => journal.change({ holder: next }, `stopping instance ${next.instanceId}`),
  });
  await journal.change({ holder: held, begun: true }, `instance ${held.instanceId} is stopped`);
}

/** Nobody needs them any more: one that cannot be removed is said, and is no reason to fail. */
async function removeRestored(
  { rbd }: UndoDeps,
  journal: Journal<UndoPlan>,
  context: JobContext<UndoPlan>,
): Promise<void> {
  for (const plan of journal.plan.disks) {
    const { staged, ids } = swapOf(plan);
    try {
      await onceFree(async () => {
        if ((await rbd.findImage(staged))?.imageId !== ids.restored) return;
        for (const { name } of await rbd.listSnapshots(staged)) await rbd.removeSnapshot(staged, name);
        await rbd.removeImage(staged);
      }, context.signal);
    } catch (error) {
      if (context.willResume()) throw error;
      await remark(journal, context, `${formatLocation(staged)} is left over: ${describeError(error)}`);
    }
  }
}

async function release(
  deps: UndoDeps,
  journal: Journal<UndoPlan>,
  context: JobContext<UndoPlan>,
): Promise<void> {
  const { holder } = journal.plan;
  if (holder === undefined || holder.released === true) return;
  try {
    await releaseInstance(deps, holder);
  } catch (error) {
    if (context.willResume()) throw error;
    const problem = `instance ${holder.instanceId} could not be given back as it was: ${describeError(error)}; start it by hand: openstack server start ${holder.instanceId}`;
    await remark(journal, context, problem);
  }
  await journal.change({ holder: { ...holder, released: true } }, 'instance released');
}

async function remark(
  journal: Journal<UndoPlan>,
  context: JobContext<UndoPlan>,
  text: string,
): Promise<void> {
  await journal.change({ remarks: [...journal.plan.remarks, text] }, 'a remark');
  await context.note(text);
}
