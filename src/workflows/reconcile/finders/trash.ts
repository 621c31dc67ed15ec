import { AppError } from '../../../base/errors.ts';
import { linkIdOfSnapshot, snapshotTime } from '../../../domain/snapshot-name.ts';
import type { TrashEntry } from '../../../drivers/ceph/snapshots.ts';
import type { Facts, Finder, PoolPlace, ReconcileDeps, Stray } from '../deps.ts';
import { diskOfStranded } from './snapshots.ts';

/** I12: images in the trash that are there, or still there, because of snapshots of ours. */
export const trashedImages: Finder = { name: 'deleted images with snapshots of backups', find };

async function* find(deps: ReconcileDeps, facts: Facts): AsyncGenerator<Stray, void, undefined> {
  for (const place of await facts.pools()) {
    for (const entry of await facts.trashOf(place)) {
      const stray = await toStray(deps, place, entry);
      if (stray !== undefined) yield stray;
    }
  }
}

interface Held {
  diskKey: string;
  /** By Cinder, for good. */
  isDeleted: boolean;
  ours: string[];
}

async function toStray(deps: ReconcileDeps, place: PoolPlace, entry: TrashEntry): Promise<Stray | undefined> {
  const { rbd, catalog } = deps;
  const { cluster, pool } = place;
  const held = await heldByUs(deps, place, entry);
  if (held === undefined) return undefined;
  return {
    kind: 'trash-image',
    what: `${pool}/${entry.image} (id ${entry.imageId})`,
    where: `trash of cluster ${cluster}`,
    since: snapshotTime(held.ours[0] ?? ''),
    sizeBytes: undefined,
    action: 'remove our snapshots, then the image when Cinder deleted it and nothing else holds it',
    reason: `${held.diskKey} was deleted while it had ${held.ours.length} of our snapshots`,
    locks: [`disk:${held.diskKey}`],
    isStill: async () => (await heldByUs(deps, place, entry)) !== undefined,
    remove: async () => {
      const now = await heldByUs(deps, place, entry);
      for (const name of now?.ours ?? []) {
        await rbd.removeTrashSnapshot(cluster, pool, entry.imageId, name);
        await catalog.links.snapshotReleased(name);
      }
      if ((await rbd.listTrashSnapshots(cluster, pool, entry.imageId)).length > 0) return;
      if (held.isDeleted) await removeDeleted(deps, place, entry);
    },
  };
}

/** What Cinder deleted gives no more increments, so that also its newest snapshot is of no use. */
async function heldByUs(
  deps: ReconcileDeps,
  place: PoolPlace,
  { imageId, image }: TrashEntry,
): Promise<Held | undefined> {
  const seen = { ...place, image, imageId };
  const ours: string[] = [];
  let held: Omit<Held, 'ours'> | undefined;
  for (const { name } of await snapshotsOf(deps, place, imageId)) {
    if (linkIdOfSnapshot(name) === undefined) continue;
    const diskKey = await diskOfStranded(deps, seen, name, { isDeleted: true });
    if (diskKey === undefined) continue;
    held ??= { diskKey, isDeleted: await isDeletedVolume(deps, diskKey) };
    if (held.isDeleted || (await diskOfStranded(deps, seen, name)) !== undefined) ours.push(name);
  }
  return held === undefined || ours.length === 0 ? undefined : { ...held, ours };
}

/** Who put anything else into the trash may want it back. */
async function isDeletedVolume({ volumes }: ReconcileDeps, diskKey: string): Promise<boolean> {
  const volumeId = /^volume:(.+)$/.exec(diskKey)?.[1];
  return volumeId !== undefined && !(await volumes.exists(volumeId));
}

async function snapshotsOf(
  { rbd }: ReconcileDeps,
  { cluster, pool }: PoolPlace,
  imageId: string,
): Promise<{ name: string }[]> {
  try {
    return await rbd.listTrashSnapshots(cluster, pool, imageId);
  } catch (error) {
    // Purged meanwhile.
    if (error instanceof AppError && error.code === 'CEPH_NOT_FOUND') return [];
    throw error;
  }
}

/** Still deferred by whoever put it there, or in use: its own owner purges it, now that nothing of ours holds it. */
async function removeDeleted(
  { rbd }: ReconcileDeps,
  { cluster, pool }: PoolPlace,
  { imageId }: TrashEntry,
): Promise<void> {
  try {
    await rbd.removeFromTrash(cluster, pool, imageId);
  } catch (error) {
    if (!(error instanceof AppError) || !['CEPH_BUSY', 'CEPH_NO_PERMISSION'].includes(error.code))
      throw error;
  }
}
