import { formatLocation } from '../../../domain/disk.ts';
import { restoreIdOfImage } from '../../../domain/restore.ts';
import { locationOf, type Facts, type Finder, type ReconcileDeps, type Stray } from '../deps.ts';
import { endedRestore, hasSucceeded, isMarkedBy, isSame, type EndedRestore } from '../ended-restore.ts';
import { removeStrayImage } from '../remove-image.ts';

/** Images that restores of ours made and did not come to remove. */
export const freshImages: Finder = { name: 'images of restores in the backups pool', find };

async function* find(deps: ReconcileDeps, facts: Facts): AsyncGenerator<Stray, void, undefined> {
  const { backupsPool } = deps;
  for (const { image, sizeBytes } of await facts.imagesOf(backupsPool)) {
    const restoreId = restoreIdOfImage(image);
    if (restoreId === undefined) continue;
    const at = locationOf(backupsPool, image);
    const whose = async (): Promise<EndedRestore | undefined> => {
      const ended = await endedRestore(deps, restoreId);
      return ended !== undefined && isOfNoUse(ended, at) && (await isMarkedBy(deps, ended, at))
        ? ended
        : undefined;
    };
    const ended = await whose();
    if (ended === undefined) continue;
    yield {
      kind: 'fresh-image',
      what: formatLocation(at),
      where: `cluster ${at.cluster}`,
      since: ended.job.finishedAt,
      sizeBytes,
      action: 'remove the image',
      reason: hasSucceeded(ended)
        ? `restore ${restoreId} filled another image in its place`
        : `restore ${restoreId} ${ended.job.state}`,
      locks: ended.locks,
      isStill: async () => (await whose()) !== undefined,
      remove: () => removeStrayImage(deps, at),
    };
  }
}

/** A restore that succeeded needs all that it made, but what it gave up itself. */
function isOfNoUse(ended: EndedRestore, at: ReturnType<typeof locationOf>): boolean {
  if (!hasSucceeded(ended)) return true;
  return ended.disks.some(({ abandoned = [] }) => abandoned.some((image) => isSame(image, at)));
}
