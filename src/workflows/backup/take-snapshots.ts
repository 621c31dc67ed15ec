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
  const sources = await Promise.all(plan.disks.map((disk) => readSource(deps, disk)));
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

async function takeSnapshot(
  { rbd, clock }: Deps,
  plan: DiskPlan,
  source: SourceImage,
): Promise<TakenSnapshot> {
  if (plan.snapshot !== undefined) return plan.snapshot;
  const { location } = plan.disk;
  const startedMs = clock.now().getTime();
  const existing = (await rbd.listSnapshots(location)).find(({ name }) => name === plan.snapshotName);
  // One of that name was left by an attempt that died before it could record it: the name holds the link's id.
  if (existing === undefined) await rbd.createSnapshot(location, plan.snapshotName);
  const finishedMs = clock.now().getTime();
  const found = (await rbd.listSnapshots(location)).find(({ name }) => name === plan.snapshotName);
  const now = await rbd.findImage(location);
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

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new AppError('BUG_MISSING', 'a list is shorter than the plan');
  return value;
}
