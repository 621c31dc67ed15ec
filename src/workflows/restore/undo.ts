import type { ImageLocation } from '../../domain/disk.ts';
import type { RestoreDeps } from './deps.ts';
import { undoInstance } from './instance/make-instance.ts';
import { markOf, restoreMark } from './deps.ts';
import type { RestoreDiskPlan, RestorePlan, VolumePlan } from './plan.ts';
import type { Progress } from './progress.ts';
import { giveBack } from './in-place/give-back.ts';
import type { Journal } from './journal.ts';
import { undoReplacement } from './replace-volume.ts';
import { onceFree } from './wait-until-free.ts';

type Deps = Pick<RestoreDeps, 'rbd' | 'cloud' | 'instances'>;

/** Removes what a failed restore made and gives the instance its old volumes back; repeatable. */
export async function undoRestore(
  deps: Deps,
  journal: Pick<Journal<RestorePlan>, 'plan' | 'change'>,
  progress: Progress,
): Promise<void> {
  await undoInstance(deps, journal.plan);
  // The instances as they were come before what is to be cleared away, which may take long or fail.
  if (journal.plan.mode === 'in-place') await giveBack(deps, journal, progress);
  const { plan } = journal;
  for (const disk of plan.disks.toReversed()) {
    if (disk.volume !== undefined) await undoVolume(deps, plan, disk, disk.volume);
    const moved = disk.swap?.staged ?? disk.writeBack?.source;
    if (moved !== undefined) await removeMoved(deps, disk, moved);
    for (const image of [disk.fresh, ...(disk.abandoned ?? [])]) await removeFreshImage(deps, plan, image);
  }
}

async function undoVolume(
  deps: Pick<Deps, 'rbd' | 'cloud'>,
  { restoreId }: RestorePlan,
  disk: RestoreDiskPlan,
  volume: VolumePlan,
): Promise<void> {
  const { cloud, rbd } = deps;
  const { projectId, location } = volume;
  const newVolumeId =
    volume.newVolumeId ??
    (await cloud.findVolumeByMark(projectId, restoreMark, markOf(restoreId, disk.fresh)));
  if (newVolumeId !== undefined) {
    if (disk.replacement !== undefined) await undoReplacement(deps, projectId, disk.replacement, newVolumeId);
    await cloud.deleteVolume(projectId, newVolumeId);
    // What Cinder manages goes with its volume; what was to take the place of an empty volume's image may not have yet.
    if (volume.encryptionKeyId === undefined) return;
  }
  await removeMoved({ rbd }, disk, location);
}

/** What was moved, or is on its way, into another pool than the fresh image's. */
async function removeMoved(
  { rbd }: Pick<Deps, 'rbd'>,
  { fresh }: RestoreDiskPlan,
  location: ImageLocation,
): Promise<void> {
  if (location.pool === fresh.pool || (await rbd.findImage(location)) === undefined) return;
  await onceFree(async () => {
    const state = await rbd.migrationState(location);
    // Aborting gives the fresh image its place back, from where it is removed like any other.
    if (state === 'none') await rbd.removeImage(location);
    else await rbd.abortMigration(location);
  });
}

/** Only an image with this restore's own mark, or none yet under a name that holds the restore's id. */
export async function removeFreshImage(
  { rbd }: Pick<RestoreDeps, 'rbd'>,
  { restoreId }: Pick<RestorePlan, 'restoreId'>,
  fresh: ImageLocation,
): Promise<void> {
  if ((await rbd.findImage(fresh)) === undefined) return;
  const mark = await rbd.readImageMark(fresh, restoreMark);
  if (mark !== undefined && mark !== markOf(restoreId, fresh)) return;
  await onceFree(async () => {
    for (const { name } of await rbd.listSnapshots(fresh)) await rbd.removeSnapshot(fresh, name);
    await rbd.removeImage(fresh);
  });
}
