/** What was kept back in the disks' places, images under their names or bytes in them; what was restored is removed. */
import { AppError, describeError } from '../../../base/errors.ts';
import { formatLocation } from '../../../domain/disk.ts';
import type { JobContext } from '../../job-context.ts';
import { markOf, undoMark } from '../deps.ts';
import { examineDisk, refuseDependents } from '../in-place/examine-disk.ts';
import { holdInstances, releaseAll, releaseInstances } from '../in-place/hold-instances.ts';
import { planHolders, type Holders } from '../in-place/make-swaps.ts';
import type { OnRewrite } from '../in-place/rewrite-image.ts';
import { assertSwapped, hasBegun, swapBack, swapImages, type BegunSwap } from '../in-place/swap-images.ts';
import {
  assertWritten,
  isBegun,
  removeBefore,
  removeSafety,
  turnRound,
  writeSafetyBack,
  type BegunWriteBack,
} from '../in-place/write-back.ts';
import type { Journal } from '../journal.ts';
import type { RestoreDiskPlan, RestorePlan } from '../plan.ts';
import { progressOfWayBack, type Progress } from '../progress.ts';
import { onceFree } from '../wait-until-free.ts';
import type { UndoDeps } from './deps.ts';
import type { UndoPlan } from './plan.ts';

/** The instances that have the disks now: it may be another one's turn than at the restore, or nobody's. */
export async function planHoldersAgain(
  deps: UndoDeps,
  { mode, disks }: Pick<RestorePlan, 'mode' | 'disks'>,
): Promise<Holders> {
  if (mode !== 'in-place') return {};
  const holding = await Promise.all(
    disks.map(async ({ disk, swap, writeBack }) => {
      const projectId = (swap ?? writeBack)?.projectId;
      const now = await examineDisk(deps, { disk, projectId, pointBytes: 0 });
      if (swap !== undefined) refuseDependents(disk, now);
      return { projectId, ...now };
    }),
  );
  return await planHolders(deps, holding);
}

export async function undo(
  deps: UndoDeps,
  journal: Journal<UndoPlan>,
  context: JobContext<UndoPlan>,
): Promise<void> {
  const { signal } = context;
  if (!journal.plan.back) {
    if (!journal.plan.begun)
      for (const disk of journal.plan.disks) await examine(deps, journal.plan, disk, signal);
    await holdInstances(deps, journal, `restore ${journal.plan.restoreId} of its disks is undone`);
    if (!journal.plan.begun) await journal.change({ begun: true }, 'putting back what was there');
    const progress = progressOfWayBack(context, journal.plan.disks);
    for (const index of [...journal.plan.disks.keys()].toReversed())
      await putBack(deps, journal, index, { signal, progress });
    await journal.change({ back: true }, 'the disks are what they were');
  }
  await removeRestored(deps, journal, context);
  await releaseInstances(deps, journal, {
    willResume: () => context.willResume(),
    onProblem: (text) => remark(journal, context, text),
  });
}

async function putBack(
  deps: UndoDeps,
  journal: Journal<UndoPlan>,
  index: number,
  { signal, progress }: { signal: AbortSignal; progress: Progress },
): Promise<void> {
  const disk = journal.disk(index);
  const way = wayOf(disk);
  if ('swap' in way) {
    await swapBack(deps, { ...way, mark: markFor(journal.plan, way.swap), signal });
    return;
  }
  const onProgress: OnRewrite = (part) => progress.tell('rewrite', index, part);
  await writeSafetyBack(deps, { ...way, mayShrink: disk.disk.kind === 'image', signal, onProgress });
}

/** As the restore had left it. */
export async function redo(deps: UndoDeps, { plan }: Journal<UndoPlan>): Promise<void> {
  const { signal } = new AbortController();
  if (plan.begun)
    for (const disk of plan.disks) {
      const way = wayOf(disk);
      if ('swap' in way) await swapImages(deps, { ...way, mark: markFor(plan, way.swap), signal });
      else await turnRound(deps, { ...way, mayShrink: disk.disk.kind === 'image', signal });
    }
  await releaseAll(deps, plan);
}

type Way = { swap: BegunSwap } | { writeBack: BegunWriteBack };

function wayOf({ disk, swap, writeBack }: RestoreDiskPlan): Way {
  if (swap !== undefined && hasBegun(swap)) return { swap };
  if (writeBack !== undefined && isBegun(writeBack)) return { writeBack };
  throw new AppError('BUG_IN_PLACE', `the plan of the restore does not say how ${disk.key} went back`);
}

function markFor({ restoreId }: UndoPlan, { kept }: BegunSwap): { key: string; value: string } {
  return { key: undoMark, value: markOf(restoreId, kept) };
}

/** Everything that would refuse it does so before anything is touched. */
async function examine(
  deps: UndoDeps,
  plan: UndoPlan,
  diskPlan: RestoreDiskPlan,
  signal: AbortSignal,
): Promise<void> {
  const { disk } = diskPlan;
  const way = wayOf(diskPlan);
  const { projectId, target } = 'swap' in way ? way.swap : way.writeBack;
  const now = await examineDisk(deps, { disk, projectId, pointBytes: 0 });
  if (formatLocation(now.location) !== formatLocation(target)) {
    throw new AppError(
      'CONFLICT_DISK_CHANGED',
      `${disk.key} is in ${formatLocation(now.location)} now, and what was kept of it is in pool ${target.pool}; nothing was touched`,
    );
  }
  if ('writeBack' in way) {
    await assertWritten(deps, way.writeBack);
    await removeBefore(deps, way.writeBack);
    return;
  }
  refuseDependents(disk, now);
  await assertSwapped(deps, way.swap, signal);
  await examineKept(deps, plan, way.swap);
  // Extended since: behind what was there come zeros.
  const kept = await deps.rbd.showImage(way.swap.kept);
  if (disk.kind !== 'image' && kept.sizeBytes < now.wantedBytes)
    await deps.rbd.growImage(way.swap.kept, now.wantedBytes);
}

async function examineKept({ rbd }: UndoDeps, plan: UndoPlan, swap: BegunSwap): Promise<void> {
  if ((await rbd.readImageMark(swap.kept, undoMark)) === markFor(plan, swap).value) return;
  throw new AppError(
    'CONFLICT_DISK_CHANGED',
    `${formatLocation(swap.kept)} does not bear the mark of restore ${plan.restoreId}, so it may be somebody else's; nothing was touched`,
  );
}

/** Nobody needs them any more: one that cannot be removed is said, and is no reason to fail. */
async function removeRestored(
  deps: UndoDeps,
  journal: Journal<UndoPlan>,
  context: JobContext<UndoPlan>,
): Promise<void> {
  for (const plan of journal.plan.disks) {
    const way = wayOf(plan);
    const what = 'swap' in way ? way.swap.staged : way.writeBack.target;
    try {
      await onceFree(async () => {
        if ('swap' in way) await removeStaged(deps, way.swap);
        else await removeSafety(deps, way.writeBack);
      }, context.signal);
    } catch (error) {
      if (context.willResume()) throw error;
      const left =
        'swap' in way
          ? `${formatLocation(what)} is`
          : `snapshots of this restore on ${formatLocation(what)} are`;
      await remark(journal, context, `${left} left over: ${describeError(error)}`);
    }
  }
}

async function removeStaged({ rbd }: UndoDeps, { staged, ids }: BegunSwap): Promise<void> {
  if ((await rbd.findImage(staged))?.imageId !== ids.restored) return;
  for (const { name } of await rbd.listSnapshots(staged)) await rbd.removeSnapshot(staged, name);
  await rbd.removeImage(staged);
}

async function remark(
  journal: Journal<UndoPlan>,
  context: JobContext<UndoPlan>,
  text: string,
): Promise<void> {
  await journal.change({ remarks: [...journal.plan.remarks, text] }, 'a remark');
  await context.note(text);
}
