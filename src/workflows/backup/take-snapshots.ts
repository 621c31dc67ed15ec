import { AppError } from '../../base/errors.ts';
import { formatLocation } from '../../domain/disk.ts';
import type { SourceImage } from '../../domain/manifest.ts';
import type { JobContext } from '../job-context.ts';
import type { BackupDeps } from './deps.ts';
import type { BackupPlan, DiskPlan, TakenSnapshot } from './plan.ts';

type Deps = Pick<BackupDeps, 'clock' | 'rbd'>;

/** Snapshots of all disks, started together so that they are as near to one instant as separate calls can be. */
export async function takeSnapshots(
  deps: Deps,
  plan: BackupPlan,
  context: JobContext<BackupPlan>,
): Promise<BackupPlan> {
  if (plan.disks.every(({ snapshot }) => snapshot !== undefined)) return plan;
  const [sources] = await Promise.all([
    Promise.all(plan.disks.map((disk) => readSource(deps, disk))),
    context.plan === undefined ? [] : Promise.all(plan.disks.map((disk) => removeLeftover(deps, disk))),
  ]);
  context.signal.throwIfAborted();
  const taken = await Promise.allSettled(
    plan.disks.map((disk, index) => takeSnapshot(deps, disk, present(sources[index]))),
  );
  const disks = taken.map((result, index) => {
    if (result.status === 'rejected') throw result.reason;
    return { ...present(plan.disks[index]), snapshot: result.value };
  });
  const next = { ...plan, disks };
  await context.record('snapshots taken', next);
  return next;
}

/** I3 rests on these ids: they are read before the snapshot, and again after it. */
async function readSource({ rbd }: Deps, { disk }: DiskPlan): Promise<SourceImage> {
  const { location } = disk;
  const info = await rbd.findImage(location);
  if (info === undefined) {
    throw new AppError(
      'NOTFOUND_IMAGE',
      `${disk.key}: there is no image ${formatLocation(location)} on cluster ${location.cluster}; was the volume deleted, or is its Cinder backend mapped to another pool in the configuration?`,
    );
  }
  return {
    clusterId: await rbd.clusterId(location.cluster),
    ...location,
    ...info,
  };
}

/**
 * A snapshot of that name was left by an attempt that died before it could record it. Nothing was exported from it, and
 * it is older than those that are taken now: the disks of a point are to be of one instant.
 */
async function removeLeftover(
  { rbd }: Deps,
  { disk: { location }, snapshotName, snapshot }: DiskPlan,
): Promise<void> {
  if (snapshot !== undefined) return;
  const isLeft = (await rbd.findSnapshots(location)).some(({ name }) => name === snapshotName);
  if (isLeft) await rbd.removeSnapshot(location, snapshotName);
}

async function takeSnapshot(
  { rbd, clock }: Deps,
  plan: DiskPlan,
  source: SourceImage,
): Promise<TakenSnapshot> {
  if (plan.snapshot !== undefined) return plan.snapshot;
  const { location } = plan.disk;
  const startedMs = clock.now().getTime();
  await createSnapshot(rbd, plan);
  const finishedMs = clock.now().getTime();
  const [snapshots, now] = await Promise.all([rbd.listSnapshots(location), rbd.findImage(location)]);
  const found = snapshots.find(({ name }) => name === plan.snapshotName);
  if (found === undefined || now?.imageId !== source.imageId) {
    throw new AppError(
      'CONFLICT_IMAGE_CHANGED',
      `${formatLocation(location)} was replaced or deleted while its snapshot was taken; try again`,
    );
  }
  return {
    identity: { name: found.name, id: found.id },
    source: { ...source, sizeBytes: found.sizeBytes },
    startedMs,
    finishedMs,
  };
}

async function createSnapshot(rbd: Deps['rbd'], { disk, snapshotName }: DiskPlan): Promise<void> {
  try {
    await rbd.createSnapshot(disk.location, snapshotName);
  } catch (error) {
    // The rbd that a killed worker had started outlived it, and was done just now.
    if (!(error instanceof AppError) || error.code !== 'CEPH_EXISTS') throw error;
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new AppError('BUG_MISSING', 'a list is shorter than the plan');
  return value;
}
