/**
 * I4: the source keeps exactly the snapshot that the next increment needs. What else has our name and is known to the
 * catalog is removed, from the image and, when the image was deleted meanwhile, from the trash (I12).
 */
import { AppError } from '../../base/errors.ts';
import type { ImageLocation } from '../../domain/disk.ts';
import { linkIdOfSnapshot } from '../../domain/snapshot-name.ts';
import type { BackupDeps } from './deps.ts';

type Deps = Pick<BackupDeps, 'rbd' | 'catalog'>;

export interface SweepOptions {
  location: ImageLocation;
  /** RBD's id of the image that carried our snapshots; undefined when no snapshot was taken yet. */
  imageId: string | undefined;
  /** Link whose snapshot stays; undefined when none may stay. */
  keepLinkId: string | undefined;
}

export async function sweepSnapshots(deps: Deps, options: SweepOptions): Promise<void> {
  const { location, imageId } = options;
  const [image, snapshots] = await Promise.all([
    deps.rbd.findImage(location),
    deps.rbd.findSnapshots(location),
  ]);
  await sweepImage(deps, options, snapshots);
  if (imageId !== undefined && image?.imageId !== imageId) await sweepTrash(deps, location, imageId);
}

async function sweepImage(
  { rbd, catalog }: Deps,
  { location, keepLinkId }: SweepOptions,
  snapshots: readonly { name: string }[],
): Promise<void> {
  for (const { name } of snapshots) {
    const linkId = linkIdOfSnapshot(name);
    if (linkId === undefined || linkId === keepLinkId || !(await catalog.isOurLink(linkId))) continue;
    await rbd.removeSnapshot(location, name);
    await catalog.snapshotReleased(linkId);
  }
}

/** Cinder moved the image to the trash because of our snapshot, so its removal is ours to finish. */
async function sweepTrash(
  { rbd, catalog }: Deps,
  { cluster, pool }: ImageLocation,
  imageId: string,
): Promise<void> {
  if (!(await rbd.listTrash(cluster, pool)).includes(imageId)) return;
  let foreign = 0;
  for (const { name } of await rbd.listTrashSnapshots(cluster, pool, imageId)) {
    const linkId = linkIdOfSnapshot(name);
    if (linkId === undefined || !(await catalog.isOurLink(linkId))) {
      foreign += 1;
      continue;
    }
    await rbd.removeTrashSnapshot(cluster, pool, imageId, name);
    await catalog.snapshotReleased(linkId);
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
