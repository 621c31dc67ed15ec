import { formatLocation } from '../../../domain/disk.ts';
import { markOf } from '../../../domain/restore-mark.ts';
import { restoreIdOfImage } from '../../../domain/restore.ts';
import { locationOf, type Facts, type Finder, type ReconcileDeps, type Stray } from '../deps.ts';
import { endedRestore, hasSucceeded, isMarkedBy, type EndedRestore } from '../ended-restore.ts';
import { assertClosed, removeStrayImage } from '../remove-image.ts';

/**
 * Images that restores of ours moved to a backend's pool, or began to move, and that Cinder never took over. A move that
 * was begun is aborted, which gives the fresh image its place back: the finder of those takes it then.
 */
export const movedImages: Finder = { name: 'images of restores in the pools of Cinder', find };

async function* find(deps: ReconcileDeps, facts: Facts): AsyncGenerator<Stray, void, undefined> {
  const { backupsPool } = deps;
  for (const place of await facts.pools()) {
    if (place.cluster === backupsPool.cluster && place.pool === backupsPool.pool) continue;
    for (const { image, sizeBytes } of await facts.imagesOf(place)) {
      const restoreId = restoreIdOfImage(image);
      if (restoreId === undefined) continue;
      const stray = await toStray(deps, locationOf(place, image), restoreId);
      if (stray !== undefined) yield { ...stray, sizeBytes };
    }
  }
}

type Place = ReturnType<typeof locationOf>;

async function toStray(deps: ReconcileDeps, at: Place, restoreId: string): Promise<Stray | undefined> {
  const { rbd } = deps;
  const whose = async (): Promise<EndedRestore | undefined> => {
    const ended = await endedRestore(deps, restoreId);
    if (ended === undefined || hasSucceeded(ended) || !(await isMarkedBy(deps, ended, at))) return undefined;
    return (await isCindersNow(deps, ended, at)) ? undefined : ended;
  };
  const ended = await whose();
  if (ended === undefined) return undefined;
  const isMoving = (await rbd.migrationState(at)) !== 'none';
  return {
    kind: isMoving ? 'migration' : 'moved-image',
    what: formatLocation(at),
    where: `cluster ${at.cluster}`,
    since: ended.job.finishedAt,
    sizeBytes: undefined,
    action: isMoving ? 'abort the migration, then remove the image that it began with' : 'remove the image',
    reason: `restore ${restoreId} ${ended.job.state} before Cinder took the image over`,
    locks: ended.locks,
    isStill: async () => (await whose()) !== undefined,
    remove: async () => {
      if ((await rbd.migrationState(at)) === 'none') {
        await removeStrayImage(deps, at);
        return;
      }
      await assertClosed(deps, at);
      await rbd.abortMigration(at);
      const source = ended.disks.find(({ volume }) => volume?.location.image === at.image)?.fresh;
      if (source !== undefined && (await rbd.findImage(source)) !== undefined)
        await removeStrayImage(deps, source);
    },
  };
}

/** Cinder renames an image only after a while: until then a volume with the restore's mark says that it is at it. */
async function isCindersNow(
  { volumes }: ReconcileDeps,
  { restoreId, disks }: EndedRestore,
  at: Place,
): Promise<boolean> {
  const projectId = disks.find(({ volume }) => volume?.location.image === at.image)?.volume?.projectId;
  if (projectId === undefined) return false;
  return (await volumes.withMark(projectId, markOf(restoreId, at))).some(({ isFailed }) => !isFailed);
}
