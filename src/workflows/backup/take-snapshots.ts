import { AppError } from '../../base/errors.ts';
import { formatLocation } from '../../domain/disk.ts';
import type { Consistency } from '../../domain/manifest.ts';
import type { JobContext } from '../job-context.ts';
import type { BackupDeps } from './deps.ts';
import { holdStill } from './hold-still.ts';
import type { BackupPlan, DiskPlan, TakenSnapshot } from './plan.ts';
import type { SeenSnapshots } from './seen-snapshots.ts';

type Deps = Pick<BackupDeps, 'clock' | 'steadyClock' | 'rbd' | 'pauses'> & { snapshots: SeenSnapshots };

/** Snapshots of all disks, started together so that they are as near to one instant as separate calls can be. */
export async function takeSnapshots(
  deps: Deps,
  plan: BackupPlan,
  context: JobContext<BackupPlan>,
  consistency: Consistency = 'crash',
): Promise<BackupPlan> {
  if (plan.disks.every(({ snapshot }) => snapshot !== undefined)) return plan;
  if (context.plan !== undefined) await Promise.all(plan.disks.map((disk) => removeLeftover(deps, disk)));
  context.signal.throwIfAborted();
  const make = (): Promise<Times[]> => {
    const nowMs = stopwatch(deps);
    return allOf(plan.disks.map((disk) => makeSnapshot(deps.rbd, disk, nowMs)));
  };
  const held =
    consistency === 'paused' ? await holdStill(deps, plan, context, make) : { plan, made: await make() };
  const disks = await allOf(plan.disks.map((disk, index) => identify(deps, disk, held.made[index])));
  const next = { ...held.plan, disks };
  await context.record('snapshots taken', next);
  return next;
}

/** All have ended when it does, well or not. */
async function allOf<T>(tasks: Promise<T>[]): Promise<T[]> {
  return (await Promise.allSettled(tasks)).map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
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

type Times = Pick<TakenSnapshot, 'startedMs' | 'finishedMs'>;

async function makeSnapshot(rbd: Deps['rbd'], plan: DiskPlan, nowMs: () => number): Promise<Times> {
  if (plan.snapshot !== undefined) return plan.snapshot;
  const startedMs = nowMs();
  await createSnapshot(rbd, plan);
  return { startedMs, finishedMs: nowMs() };
}

/** The time from now on, of one moment of the clock: a clock that is set meanwhile must not put snapshots apart. */
function stopwatch({ clock, steadyClock }: Pick<Deps, 'clock' | 'steadyClock'>): () => number {
  const [startMs, steadyMs] = [clock.now().getTime(), steadyClock.now().getTime()];
  return () => startMs + steadyClock.now().getTime() - steadyMs;
}

async function identify(
  { rbd, snapshots }: Deps,
  plan: DiskPlan,
  times: Times | undefined,
): Promise<DiskPlan & { snapshot: TakenSnapshot }> {
  const { disk, snapshotName, snapshot } = plan;
  if (snapshot !== undefined) return { ...plan, snapshot };
  if (times === undefined) throw new AppError('BUG_NO_SNAPSHOT', `${disk.key} has no snapshot`);
  const { location } = disk;
  // I3 rests on these ids. Both are asked of the snapshot, whose name no other image has.
  const [clusterId, listed, image] = await Promise.all([
    rbd.clusterId(location.cluster),
    snapshots.list(location),
    rbd.findImage(location, { snapshot: snapshotName }),
  ]);
  const found = listed.find(({ name }) => name === snapshotName);
  if (found === undefined || image === undefined) {
    throw new AppError(
      'CONFLICT_IMAGE_CHANGED',
      `${formatLocation(location)} was replaced or deleted while its snapshot was taken; try again`,
    );
  }
  return {
    ...plan,
    snapshot: {
      identity: { name: found.name, id: found.id },
      source: { clusterId, ...location, ...image, sizeBytes: found.sizeBytes },
      startedMs: times.startedMs,
      finishedMs: times.finishedMs,
    },
  };
}

async function createSnapshot(rbd: Deps['rbd'], { disk, snapshotName }: DiskPlan): Promise<void> {
  const { location } = disk;
  try {
    await rbd.createSnapshot(location, snapshotName);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // The rbd that a killed worker had started outlived it, and was done just now.
    if (error.code === 'CEPH_EXISTS') return;
    if (error.code !== 'CEPH_NOT_FOUND') throw error;
    await rbd.checkPool(location.cluster, location.pool);
    throw new AppError(
      'NOTFOUND_IMAGE',
      `${disk.key}: there is no image ${formatLocation(location)} on cluster ${location.cluster}; was the volume deleted, is that cluster a new one, or is its Cinder backend mapped to another pool in the configuration?`,
      { cause: error },
    );
  }
}
