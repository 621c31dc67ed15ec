/**
 * From imported images to disks that are the point: each image into its disk's pool while the instance still runs, then the
 * instance off, the images swapped, the instance as it was. docs/design/ordering.md has the order and what a kill leaves.
 */
import { AppError, describeError } from '../../../base/errors.ts';
import { formatLocation } from '../../../domain/disk.ts';
import type { JobContext } from '../../job-context.ts';
import { markOf, undoMark, type RestoreDeps } from '../deps.ts';
import type { Journal } from '../journal.ts';
import { moveImage } from '../move-image.ts';
import type { RestoreDiskPlan, RestorePlan } from '../plan.ts';
import { waitUntilFree } from '../wait-until-free.ts';
import { examineDisk, type DiskNow } from './examine-disk.ts';
import { holdInstance, releaseInstance } from './hold-instance.ts';
import type { SwapPlan } from './plan.ts';
import { hasBegun, swapImages } from './swap-images.ts';

type Plan = RestorePlan;
type PlannedDisk = RestoreDiskPlan & { swap: SwapPlan };

export async function finishInPlace(
  deps: RestoreDeps,
  journal: Journal<Plan>,
  context: JobContext<Plan>,
): Promise<void> {
  await refuseOthers(deps, journal.plan, context);
  const indexes = [...journal.plan.disks.keys()];
  for (const index of indexes) await stage(deps, diskOf(journal, index), context.signal);
  context.signal.throwIfAborted();
  await hold(deps, journal);
  // All of them before the first is touched.
  for (const index of indexes) await identify(deps, journal, index, context.signal);
  for (const index of indexes) await swap(deps, journal, index, context);
  await deps.catalog.allowUndo(journal.plan.restoreId);
  await release(deps, journal, context);
}

function diskOf(journal: Journal<Plan>, index: number): PlannedDisk {
  const disk = journal.disk(index);
  if (disk.swap !== undefined) return { ...disk, swap: disk.swap };
  throw new AppError('BUG_IN_PLACE', `${disk.disk.key} has no plan of a swap`);
}

/** I9: the locks keep running jobs apart; one whose worker died holds none, and goes on where it stopped. */
async function refuseOthers({ catalog }: RestoreDeps, { disks }: Plan, { jobId }: JobContext<Plan>) {
  if (disks.some(({ swap: planned }) => planned?.ids !== undefined)) return;
  const keys = disks.map(({ disk }) => disk.key);
  const other = await catalog.changingInPlace(keys, jobId);
  if (other === undefined) return;
  throw new AppError(
    'CONFLICT_JOB_UNDER_WAY',
    `job ${other} has begun to change the same disks in place; try again when it has ended (\`emberkeep job watch ${other}\`)`,
    { details: { jobId: other } },
  );
}

async function stage(deps: RestoreDeps, plan: PlannedDisk, signal: AbortSignal): Promise<void> {
  if (hasBegun(plan.swap)) return;
  const now = await examine(deps, plan);
  const { staged } = plan.swap;
  await moveImage(deps, { fresh: plan.fresh, location: staged, atLeastBytes: now.wantedBytes, signal });
  const { features } = await deps.rbd.showImage(staged);
  // Such as Cinder does without for a volume of several instances; the others are made anew with the image.
  const extra = ['fast-diff', 'object-map', 'exclusive-lock'].filter(
    (feature) => features.includes(feature) && !now.features.includes(feature),
  );
  if (extra.length > 0) await deps.rbd.disableFeatures(staged, extra);
}

async function examine(deps: RestoreDeps, { disk, swap: planned, sizeBytes }: PlannedDisk): Promise<DiskNow> {
  const { projectId, target, instanceId } = planned;
  const now = await examineDisk(deps, { disk, projectId, pointBytes: sizeBytes });
  const isSame = formatLocation(now.location) === formatLocation(target) && now.instanceId === instanceId;
  if (isSame) return now;
  throw new AppError(
    'CONFLICT_DISK_CHANGED',
    `${disk.key} is not where it was when the restore began: it was ${formatLocation(target)} on instance ${instanceId ?? '(none)'}, now it is ${formatLocation(now.location)} on ${now.instanceId ?? '(none)'}; restore again`,
  );
}

async function hold(deps: RestoreDeps, journal: Journal<Plan>): Promise<void> {
  const { holder, restoreId } = journal.plan;
  if (holder === undefined || holder.released === true) return;
  const held = await holdInstance(deps, holder, {
    reason: `restore ${restoreId} puts its disks back in place`,
    record: (next) => journal.change({ holder: next }, `stopping instance ${next.instanceId}`),
  });
  await journal.change({ holder: held }, `instance ${held.instanceId} is stopped`);
}

/** I6: looked at once more, now that the instance is off; from here on the plan says which image is which. */
async function identify(
  deps: RestoreDeps,
  journal: Journal<Plan>,
  index: number,
  signal: AbortSignal,
): Promise<void> {
  const plan = diskOf(journal, index);
  const { staged, target } = plan.swap;
  if (hasBegun(plan.swap)) return;
  const now = await examine(deps, plan);
  await waitUntilFree(deps, target, signal);
  const restored = await deps.rbd.showImage(staged);
  if (restored.sizeBytes < now.wantedBytes) await deps.rbd.growImage(staged, now.wantedBytes);
  await journal.update(
    index,
    { swap: { ...plan.swap, ids: { before: now.imageId, restored: restored.imageId } } },
    `swapping the image of ${plan.disk.key}`,
  );
}

async function swap(
  deps: RestoreDeps,
  journal: Journal<Plan>,
  index: number,
  context: JobContext<Plan>,
): Promise<void> {
  const { swap: planned, disk } = diskOf(journal, index);
  const { signal } = context;
  if (!hasBegun(planned) || planned.swapped) return;
  const mark = { key: undoMark, value: markOf(journal.plan.restoreId, planned.kept) };
  await swapImages(deps, { swap: planned, mark, signal });
  await journal.update(index, { swap: { ...planned, swapped: true } }, `image swapped of ${disk.key}`);
  await context.note(
    `${disk.key}: ${formatLocation(planned.target)} is the point, what was there is kept as ${formatLocation(planned.kept)}`,
  );
}

/** The disks are right by now: an instance that cannot be started is said, and is no reason to take them back. */
async function release(deps: RestoreDeps, journal: Journal<Plan>, context: JobContext<Plan>): Promise<void> {
  const { holder } = journal.plan;
  if (holder === undefined || holder.released === true) return;
  try {
    await releaseInstance(deps, holder);
  } catch (error) {
    if (context.willResume()) throw error;
    const problem = `instance ${holder.instanceId} could not be given back as it was: ${describeError(error)}; start it by hand: openstack server start ${holder.instanceId}`;
    await context.note(problem);
    const { notes } = journal.disk(0);
    await journal.update(0, { notes: [...notes, problem] }, 'disks are in place');
  }
  await journal.change({ holder: { ...holder, released: true } }, 'instance released');
}
