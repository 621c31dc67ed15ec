/** A restore in place that failed or was cancelled: what was there in its place again, the instance off meanwhile. */
import { undoMark, type RestoreDeps } from '../deps.ts';
import type { Journal } from '../journal.ts';
import type { RestoreDiskPlan, RestorePlan } from '../plan.ts';
import type { Progress } from '../progress.ts';
import { holdAllAgain, holdersOf, releaseAll, withReleased } from './hold-instances.ts';
import { hasBegun, isSwappedBack, swapBack } from './swap-images.ts';
import { isBegun, mayBeWritten, removeSafety, writeSafetyBack } from './write-back.ts';

type Deps = Pick<RestoreDeps, 'rbd' | 'cloud'>;

/** Never aborted: what is undone is undone to its end. */
const { signal } = new AbortController();

/**
 * Mode `in-place`: the disks are what they were, and the instances as they were; repeatable. What is done of it is
 * recorded, so that whoever comes after a kill, or days after a failure, stops nothing for it again (I9).
 */
export async function giveBack(
  deps: Deps,
  journal: Pick<Journal<RestorePlan>, 'plan' | 'change'>,
  progress: Progress,
): Promise<void> {
  if (journal.plan.isBack !== true) {
    await putBack(deps, journal, progress);
    // A restore that failed at its very end had let them go; they were held again since.
    await journal.change({ isBack: true, ...withReleased(journal.plan, false) }, 'what was there is back');
  }
  try {
    if (holdersOf(journal.plan).length > 0) {
      await releaseAll(deps, journal.plan);
      await journal.change(withReleased(journal.plan, true), 'instance released');
    }
  } finally {
    for (const { writeBack } of journal.plan.disks)
      if (writeBack !== undefined && isBegun(writeBack)) await removeSafety(deps, writeBack);
  }
}

async function putBack(
  deps: Deps,
  { plan }: Pick<Journal<RestorePlan>, 'plan'>,
  progress: Progress,
): Promise<void> {
  if (await isChanged(deps, plan)) await holdAllAgain(deps, plan, 'a restore of its disks is undone');
  for (const [index, { disk, swap, writeBack }] of [...plan.disks.entries()].toReversed()) {
    if (swap !== undefined && hasBegun(swap))
      await swapBack(deps, { swap, mark: { key: undoMark, value: '' }, signal });
    if (writeBack === undefined || !isBegun(writeBack)) continue;
    await writeSafetyBack(deps, {
      writeBack,
      mayShrink: disk.kind === 'image',
      signal,
      onProgress: (part) => progress.tell('rewrite', index, part),
    });
  }
}

/** Whether a disk is other than it was. Throws before anything is stopped when one is not what this restore left. */
async function isChanged(deps: Deps, { disks }: RestorePlan): Promise<boolean> {
  let found = false;
  for (const { swap, writeBack } of disks) {
    if (swap !== undefined && hasBegun(swap) && !(await isSwappedBack(deps, swap, signal))) found = true;
    if (writeBack !== undefined && isBegun(writeBack) && (await mayBeWritten(deps, writeBack))) found = true;
  }
  return found;
}

/** Any step may have changed the disk from here on. */
export function isTouched({ swap, writeBack }: Pick<RestoreDiskPlan, 'swap' | 'writeBack'>): boolean {
  return swap?.ids !== undefined || writeBack?.begun !== undefined;
}
