import { formatLocation } from '../../../domain/disk.ts';
import { linkIdOfSnapshot, snapshotTime } from '../../../domain/snapshot-name.ts';
import type { DiskImage } from '../../../drivers/catalog/reconcile.ts';
import { locationOf, type ReconcileDeps, type Stray } from '../deps.ts';
import { endedRestore, type EndedRestore } from '../ended-restore.ts';

/**
 * A snapshot that a write-back took and whose undo is over or done. That of a restore that failed is never one: when its
 * own way back failed, it is the only copy of what was there.
 */
export async function safetyStray(
  deps: ReconcileDeps,
  seen: DiskImage & { imageId: string },
  name: string,
): Promise<Stray | undefined> {
  const { rbd } = deps;
  const restoreId = linkIdOfSnapshot(name);
  if (restoreId === undefined) return undefined;
  const whose = async (): Promise<EndedRestore | undefined> => {
    const row = await deps.catalog.restores.get(restoreId);
    if (row?.undoReleasedAt === undefined) return undefined;
    const ended = await endedRestore(deps, restoreId);
    return ended?.disks.some(({ writeBack }) => isOf(writeBack?.begun, seen, name)) === true
      ? ended
      : undefined;
  };
  const ended = await whose();
  if (ended === undefined) return undefined;
  const at = locationOf(seen, seen.image);
  return {
    kind: 'snapshot',
    what: `${formatLocation(at)}@${name}`,
    where: `cluster ${at.cluster}`,
    since: snapshotTime(name),
    sizeBytes: undefined,
    action: 'remove the snapshot',
    reason: `the undo of restore ${restoreId} is over`,
    locks: [
      ...ended.locks,
      ...ended.disks.flatMap(({ disk }) => (disk?.key === undefined ? [] : [`disk:${disk.key}`])),
    ],
    isStill: async () => (await rbd.findImage(at))?.imageId === seen.imageId && (await whose()) !== undefined,
    remove: () => rbd.removeSnapshot(at, name),
  };
}

interface Begun {
  imageId: string;
  safety: string;
  before: string;
}

function isOf(begun: Begun | undefined, { imageId }: DiskImage, name: string): boolean {
  return begun !== undefined && begun.imageId === imageId && [begun.safety, begun.before].includes(name);
}
