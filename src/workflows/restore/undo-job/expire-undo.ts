/** What restores in place keep for their undo, given up when its time is over. */
import { AppError } from '../../../base/errors.ts';
import { formatLocation } from '../../../domain/disk.ts';
import { linkIdOfSnapshot } from '../../../domain/snapshot-name.ts';
import type { RestoreRow } from '../../../drivers/catalog/types.ts';
import { markOf, undoMark } from '../deps.ts';
import { hasBegun, type BegunSwap } from '../in-place/swap-images.ts';
import { isBegun, removeSafety } from '../in-place/write-back.ts';
import type { ExpireUndoDeps } from './deps.ts';

const batch = 20;

/**
 * Restores whose time is over and that keep something still, oldest first, at most twenty. Replaced volumes are the tenant's
 * and stay; their restores are only no longer to be undone.
 */
export async function findExpiredUndo({ catalog }: Pick<ExpireUndoDeps, 'catalog'>): Promise<RestoreRow[]> {
  return await catalog.expired(batch);
}

/**
 * Removes what one restore keeps: images, never one that is open (I6) and never one without this restore's own mark, and
 * safety snapshots. Repeatable. Throws CONFLICT_IMAGE_IN_USE, CONFLICT_DISK_DEPENDENTS; then what is left is tried again
 * the next time.
 */
export async function expireUndo(deps: ExpireUndoDeps, { id }: Pick<RestoreRow, 'id'>): Promise<void> {
  for (const { swap, writeBack } of (await deps.catalog.planOf(id)).disks) {
    if (swap !== undefined && hasBegun(swap)) await removeKept(deps, id, swap);
    // I12: one whose volume was deleted went with it; one whose image was put aside goes with that, or by reconciliation.
    if (writeBack !== undefined && isBegun(writeBack)) await removeSafety(deps, writeBack);
  }
  await deps.catalog.release(id);
}

async function removeKept({ rbd, catalog }: ExpireUndoDeps, id: string, swap: BegunSwap): Promise<void> {
  const { kept, ids } = swap;
  if ((await rbd.findImage(kept))?.imageId !== ids.before) return;
  if ((await rbd.readImageMark(kept, undoMark)) !== markOf(id, kept)) return;
  const watchers = await rbd.listWatchers(kept);
  if (watchers.length > 0) {
    throw new AppError(
      'CONFLICT_IMAGE_IN_USE',
      `${formatLocation(kept)}, kept for an undo whose time is over, is open at ${watchers.join(', ')}; close it there`,
    );
  }
  const snapshots = await rbd.listSnapshots(kept);
  for (const { name } of snapshots) {
    // A name of our form may be another Emberkeep's, or cinder-backup's (I4).
    if ((await catalog.ownsSnapshot(name)) || (await catalog.isRestore(linkIdOfSnapshot(name)))) continue;
    throw new AppError(
      'CONFLICT_DISK_DEPENDENTS',
      `${formatLocation(kept)}, kept for an undo whose time is over, has snapshot ${name}, which is not ours; delete it`,
    );
  }
  for (const { name } of snapshots) {
    await rbd.removeSnapshot(kept, name);
    await catalog.snapshotReleased(name);
  }
  await rbd.removeImage(kept);
}
