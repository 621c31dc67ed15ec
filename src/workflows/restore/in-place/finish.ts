/**
 * From imported images to disks that are the point: each image into its disk's pool while the instance still runs, then the
 * instance off, the images swapped or written back, the instance as it was. docs/design/ordering.md has the order and what
 * a kill leaves.
 */
import { humanBytes } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import { formatLocation } from '../../../domain/disk.ts';
import { writeBackNames } from '../../../domain/snapshot-name.ts';
import type { JobContext } from '../../job-context.ts';
import { markOf, undoMark, type RestoreDeps } from '../deps.ts';
import type { Journal } from '../journal.ts';
import { moveImage } from '../move-image.ts';
import type { RestoreDiskPlan, RestorePlan } from '../plan.ts';
import type { Progress } from '../progress.ts';
import { waitUntilFree } from '../wait-until-free.ts';
import { examineDisk, type DiskNow } from './examine-disk.ts';
import { holdersOf, holdInstances, releaseInstances } from './hold-instances.ts';
import { noteOfDependents } from './make-swaps.ts';
import type { SwapPlan, WriteBackPlan } from './plan.ts';
import { hasBegun, swapImages, type BegunSwap } from './swap-images.ts';
import { isTouched } from './give-back.ts';
import { isBegun, takeSafety, writePoint, type BegunWriteBack } from './write-back.ts';

type Plan = RestorePlan;
/** Exactly one of both is there. */
type Way = SwapPlan | WriteBackPlan;

interface Watched {
  context: JobContext<Plan>;
  progress: Progress;
}

export async function finishInPlace(
  deps: RestoreDeps,
  journal: Journal<Plan>,
  context: JobContext<Plan>,
  progress: Progress,
): Promise<void> {
  await refuseOthers(deps, journal.plan, context);
  const indexes = [...journal.plan.disks.keys()];
  for (const index of indexes) await stage(deps, journal, index, context.signal);
  context.signal.throwIfAborted();
  await holdInstances(deps, journal, `restore ${journal.plan.restoreId} puts its disks back in place`);
  // All of them before the first is touched.
  for (const index of indexes) await identify(deps, journal, index, context.signal);
  for (const index of indexes) await put(deps, journal, index, { context, progress });
  await deps.catalog.allowUndo(journal.plan.restoreId);
  await release(deps, journal, context);
}

function wayOf({ disk, swap, writeBack }: RestoreDiskPlan): Way {
  const way = swap ?? writeBack;
  if (way === undefined) throw new AppError('BUG_IN_PLACE', `${disk.key} has no plan of how it goes back`);
  return way;
}

/** I9: the locks keep running jobs apart; one whose worker died holds none, and goes on where it stopped. */
async function refuseOthers({ catalog }: RestoreDeps, { disks }: Plan, { jobId }: JobContext<Plan>) {
  if (disks.some(isTouched)) return;
  const keys = disks.map(({ disk }) => disk.key);
  const other = await catalog.changingInPlace(keys, jobId);
  if (other === undefined) return;
  throw new AppError(
    'CONFLICT_JOB_UNDER_WAY',
    `job ${other} has begun to change the same disks in place; try again when it has ended (\`emberkeep job watch ${other}\`)`,
    { details: { jobId: other } },
  );
}

async function stage(
  deps: RestoreDeps,
  journal: Journal<Plan>,
  index: number,
  signal: AbortSignal,
): Promise<void> {
  const plan = journal.disk(index);
  if (isTouched(plan) || plan.swap === undefined) return;
  const now = await examine(deps, plan);
  if (now.dependents.length > 0) {
    await writeBackInstead(journal, index, { now, source: plan.fresh });
    return;
  }
  const { staged } = plan.swap;
  await moveImage(deps, { fresh: plan.fresh, location: staged, atLeastBytes: now.wantedBytes, signal });
  const { features } = await deps.rbd.showImage(staged);
  // Such as Cinder does without for a volume of several instances; the others are made anew with the image.
  const extra = ['fast-diff', 'object-map', 'exclusive-lock'].filter(
    (feature) => features.includes(feature) && !now.features.includes(feature),
  );
  if (extra.length > 0) await deps.rbd.disableFeatures(staged, extra);
}

/** Since it was planned somebody took a snapshot or made a clone, which a swap would tear off. */
async function writeBackInstead(
  journal: Journal<Plan>,
  index: number,
  { now, source }: { now: DiskNow; source: WriteBackPlan['source'] },
): Promise<void> {
  const { swap, notes, disk } = journal.disk(index);
  if (swap === undefined) return;
  const { projectId, instanceId, target } = swap;
  const writeBack: WriteBackPlan = {
    ...(projectId === undefined ? {} : { projectId }),
    ...(instanceId === undefined ? {} : { instanceId }),
    target,
    source,
    written: false,
  };
  await journal.update(
    index,
    { swap: undefined, writeBack, notes: [...notes, noteOfDependents(now.dependents)] },
    `${disk.key} is to be written back`,
  );
}

async function examine(deps: RestoreDeps, plan: RestoreDiskPlan): Promise<DiskNow> {
  const { disk, sizeBytes } = plan;
  const { projectId, target, instanceId } = wayOf(plan);
  const now = await examineDisk(deps, { disk, projectId, pointBytes: sizeBytes });
  const isSame = formatLocation(now.location) === formatLocation(target) && now.instanceId === instanceId;
  if (isSame) return now;
  throw new AppError(
    'CONFLICT_DISK_CHANGED',
    `${disk.key} is not where it was when the restore began: it was ${formatLocation(target)} on instance ${instanceId ?? '(none)'}, now it is ${formatLocation(now.location)} on ${now.instanceId ?? '(none)'}; restore again`,
  );
}

/** I6: looked at once more, now that the instance is off; from here on the plan says which image is which. */
async function identify(
  deps: RestoreDeps,
  journal: Journal<Plan>,
  index: number,
  signal: AbortSignal,
): Promise<void> {
  const plan = journal.disk(index);
  if (isTouched(plan)) return;
  const now = await examine(deps, plan);
  refuseNewHolders(plan, now, journal.plan);
  await waitUntilFree(deps, wayOf(plan).target, signal);
  if (plan.swap !== undefined && now.dependents.length > 0)
    await writeBackInstead(journal, index, { now, source: plan.swap.staged });
  const { swap, writeBack, disk } = journal.disk(index);
  if (writeBack !== undefined) {
    const names = writeBackNames(journal.plan.restoreId, deps.clock.now());
    const begun = { imageId: now.imageId, sizeBytes: now.wantedBytes, ...names };
    const next = { writeBack: { ...writeBack, begun } };
    await journal.update(index, next, `writing back into the image of ${disk.key}`);
  } else if (swap !== undefined) {
    const restored = await deps.rbd.showImage(swap.staged);
    if (restored.sizeBytes < now.wantedBytes) await deps.rbd.growImage(swap.staged, now.wantedBytes);
    const ids = { before: now.imageId, restored: restored.imageId };
    await journal.update(index, { swap: { ...swap, ids } }, `swapping the image of ${disk.key}`);
  }
}

/** One to which the volume was attached since runs, and writes to it. */
function refuseNewHolders({ disk }: RestoreDiskPlan, { otherInstanceIds }: DiskNow, plan: Plan): void {
  const held = holdersOf(plan).map(({ instanceId }) => instanceId);
  const other = otherInstanceIds.find((id) => !held.includes(id));
  if (other === undefined) return;
  throw new AppError(
    'CONFLICT_DISK_CHANGED',
    `${disk.key} was attached to instance ${other} as well since the restore began; restore again, which stops that one too`,
  );
}

async function put(
  deps: RestoreDeps,
  journal: Journal<Plan>,
  index: number,
  watched: Watched,
): Promise<void> {
  const { swap, writeBack } = journal.disk(index);
  if (swap !== undefined && hasBegun(swap) && !swap.swapped)
    await swapOne(deps, journal, index, { swap, ...watched });
  if (writeBack !== undefined && isBegun(writeBack) && !writeBack.written)
    await writeOne(deps, journal, index, { writeBack, ...watched });
}

async function swapOne(
  deps: RestoreDeps,
  journal: Journal<Plan>,
  index: number,
  { swap, context }: Watched & { swap: BegunSwap },
): Promise<void> {
  const { key } = journal.disk(index).disk;
  const mark = { key: undoMark, value: markOf(journal.plan.restoreId, swap.kept) };
  await swapImages(deps, { swap, mark, signal: context.signal });
  await journal.update(index, { swap: { ...swap, swapped: true } }, `image swapped of ${key}`);
  await context.note(
    `${key}: ${formatLocation(swap.target)} is the point, what was there is kept as ${formatLocation(swap.kept)}`,
  );
}

async function writeOne(
  deps: RestoreDeps,
  journal: Journal<Plan>,
  index: number,
  { writeBack, context, progress }: Watched & { writeBack: BegunWriteBack },
): Promise<void> {
  const { signal } = context;
  const { abandoned = [], disk } = journal.disk(index);
  const safetyId = await takeSafety(deps, { writeBack, signal });
  const taken = { ...writeBack, safetyId };
  await journal.update(index, { writeBack: taken }, `safety snapshot taken of ${disk.key}`);
  const { written, zeroed } = await writePoint(deps, {
    writeBack: taken,
    signal,
    onProgress: (part) => progress.tell('rewrite', index, part),
  });
  await journal.update(
    index,
    { writeBack: { ...taken, written: true }, abandoned: [...abandoned, writeBack.source] },
    `written back into the image of ${disk.key}`,
  );
  await context.note(
    `${disk.key}: ${formatLocation(writeBack.target)} is the point, ${humanBytes(written)} written and ${humanBytes(zeroed)} made zero; what was there is in its snapshot ${writeBack.begun.safety}`,
  );
}

async function release(deps: RestoreDeps, journal: Journal<Plan>, context: JobContext<Plan>): Promise<void> {
  await releaseInstances(deps, journal, {
    willResume: () => context.willResume(),
    onProblem: async (problem) => {
      await context.note(problem);
      const { notes } = journal.disk(0);
      await journal.update(0, { notes: [...notes, problem] }, 'disks are in place');
    },
  });
}
