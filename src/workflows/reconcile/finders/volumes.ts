import { restoreIdOfImage } from '../../../domain/restore.ts';
import type { Finder, MarkedVolume, ReconcileDeps, Stray } from '../deps.ts';
import { endedRestore, hasSucceeded, type EndedRestore } from '../ended-restore.ts';
import { AppError } from '../../../base/errors.ts';

/** Volumes that restores of ours had Cinder make and did not come to delete. */
export const markedVolumes: Finder = { name: 'volumes of restores', find };

/** Cinder's clock is another one. */
const skewMs = 60_000;
const gibBytes = 1024 ** 3;

async function* find(deps: ReconcileDeps): AsyncGenerator<Stray, void, undefined> {
  // Cinder finds a mark only by its whole value, so that all volumes are to be listed.
  if (!(await deps.catalog.reconcile.hasBrokenVolumeRestores())) return;
  for await (const volume of deps.volumes.list()) {
    const whose = (): Promise<EndedRestore | undefined> => restoreThatMade(deps, volume);
    const ended = await whose();
    if (ended === undefined) continue;
    yield {
      kind: 'volume',
      what: `${volume.volumeId} (${volume.name})`,
      where: `Cinder, project ${volume.projectId}`,
      since: ended.job.finishedAt,
      sizeBytes: volume.sizeGib * gibBytes,
      action: 'delete the volume',
      reason: `restore ${ended.restoreId} ${ended.job.state}`,
      locks: ended.locks,
      isStill: async () => (await whose()) !== undefined,
      remove: async () => {
        const now = await deps.volumes.get(volume);
        if (now === undefined) return;
        if (!isIdle(now))
          throw new AppError('CONFLICT_VOLUME_IN_USE', `volume ${now.volumeId} is ${now.status}`);
        await deps.volumes.remove(now);
      },
    };
  }
}

/**
 * A tenant can write any metadata, so that the mark alone proves nothing: the restore must have recorded the volume; or
 * have been about to, which its project, its name and the time when it was made say.
 */
async function restoreThatMade(deps: ReconcileDeps, volume: MarkedVolume): Promise<EndedRestore | undefined> {
  const [restoreId = '', image = ''] = volume.mark.split(':');
  if (restoreIdOfImage(image) !== restoreId) return undefined;
  const ended = await endedRestore(deps, restoreId);
  if (ended === undefined || hasSucceeded(ended)) return undefined;
  const planned = ended.disks.find(({ fresh }) => fresh?.image === image)?.volume;
  if (planned?.projectId !== volume.projectId) return undefined;
  if (planned.newVolumeId !== undefined) return planned.newVolumeId === volume.volumeId ? ended : undefined;
  return planned.name === volume.name && isOfItsTime(ended, volume) ? ended : undefined;
}

function isOfItsTime({ job }: EndedRestore, { createdAt }: MarkedVolume): boolean {
  const [from, to] = [job.startedAt ?? job.createdAt, job.finishedAt ?? job.updatedAt];
  const atMs = createdAt.getTime();
  return atMs >= from.getTime() - skewMs && atMs <= to.getTime() + skewMs;
}

/** What is attached or being worked on is its owner's by now. */
function isIdle({ status, isAttached }: MarkedVolume): boolean {
  return !isAttached && (status === 'available' || status.startsWith('error'));
}
