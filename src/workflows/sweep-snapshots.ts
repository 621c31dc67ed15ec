/**
 * I4: the source keeps exactly the snapshots that next increments need, one for each store. What else has our name and is known to the
 * catalog is removed, from the image and, when the image was deleted meanwhile, from the trash (I12).
 */
import { AppError } from '../base/errors.ts';
import type { ImageLocation } from '../domain/disk.ts';
import type { Rbd } from '../drivers/ceph/rbd.ts';

export interface SweepDeps {
  rbd: Pick<
    Rbd,
    | 'findImage'
    | 'findSnapshots'
    | 'removeSnapshot'
    | 'listTrash'
    | 'listTrashSnapshots'
    | 'removeTrashSnapshot'
    | 'removeFromTrash'
  >;
  catalog: {
    /** Whether this service took the snapshot: what it did not take is not ours to touch (I4). */
    ownsSnapshot(name: string): Promise<boolean>;
    snapshotReleased(name: string): Promise<void>;
  };
}

export interface SweepOptions {
  location: ImageLocation;
  /** RBD's id of the image that carried our snapshots; undefined when no snapshot was taken yet. */
  imageId: string | undefined;
  /** The image's snapshots, when they were just listed. */
  snapshots?: readonly { name: string }[] | undefined;
  /** Snapshots that stay. Names, since a fold gives the head link another id. */
  keepNames: readonly string[];
}

export async function sweepSnapshots(deps: SweepDeps, options: SweepOptions): Promise<void> {
  const { location, imageId, keepNames } = options;
  const snapshots = options.snapshots ?? (await deps.rbd.findSnapshots(location));
  await sweepImage(deps, options, snapshots);
  // Where one that stays is, there is the image that carried the others.
  if (imageId === undefined || snapshots.some(({ name }) => keepNames.includes(name))) return;
  const image = await deps.rbd.findImage(location);
  if (image?.imageId !== imageId) await sweepTrash(deps, location, imageId);
}

async function sweepImage(
  { rbd, catalog }: SweepDeps,
  { location, keepNames }: SweepOptions,
  snapshots: readonly { name: string }[],
): Promise<void> {
  for (const { name } of snapshots) {
    if (keepNames.includes(name) || !(await catalog.ownsSnapshot(name))) continue;
    await rbd.removeSnapshot(location, name);
    await catalog.snapshotReleased(name);
  }
}

/** Cinder moved the image to the trash because of our snapshot, so its removal is ours to finish. */
async function sweepTrash(
  { rbd, catalog }: SweepDeps,
  { cluster, pool }: ImageLocation,
  imageId: string,
): Promise<void> {
  if (!(await rbd.listTrash(cluster, pool)).includes(imageId)) return;
  let foreign = 0;
  for (const { name } of await rbd.listTrashSnapshots(cluster, pool, imageId)) {
    if (!(await catalog.ownsSnapshot(name))) {
      foreign += 1;
      continue;
    }
    await rbd.removeTrashSnapshot(cluster, pool, imageId, name);
    await catalog.snapshotReleased(name);
  }
  if (foreign > 0) return;
  try {
    await rbd.removeFromTrash(cluster, pool, imageId);
  } catch (error) {
    // Still deferred by whoever put it there, or in use: its own owner purges it, now that nothing of ours holds it.
    if (!(error instanceof AppError) || !['CEPH_BUSY', 'CEPH_NO_PERMISSION'].includes(error.code))
      throw error;
  }
}
