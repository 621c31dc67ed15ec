/** The imported image becomes a Cinder volume of the owner's project: grown to whole GiB, moved to the backend's pool, managed. */
import { AppError } from '../../base/errors.ts';
import { formatLocation, type ImageLocation } from '../../domain/disk.ts';
import { markOf, restoreMark, type RestoreDeps } from './deps.ts';
import type { RestoreDiskPlan, VolumePlan } from './plan.ts';
import { waitUntilFree } from './wait-until-free.ts';

type Deps = Pick<RestoreDeps, 'rbd' | 'cloud'>;

const gibBytes = 1024 ** 3;

export interface AdoptOptions {
  restoreId: string;
  plan: RestoreDiskPlan;
  volume: VolumePlan;
  signal: AbortSignal;
  /** Writes the plan down, with what was done so far. */
  record: (volume: VolumePlan) => Promise<void>;
}

/** Returns the new volume's id. */
export async function adoptVolume(deps: Deps, options: AdoptOptions): Promise<string> {
  const { restoreId, plan, signal, record } = options;
  let { volume } = options;
  if (volume.newVolumeId !== undefined) return volume.newVolumeId;
  const mark = markOf(restoreId, plan.fresh);
  const made = await deps.cloud.findVolumeByMark(volume.projectId, restoreMark, mark);
  if (made === undefined) {
    if (!volume.moved) {
      await moveImage(deps, plan, volume, signal);
      volume = { ...volume, moved: true };
      await record(volume);
    }
    await waitUntilFree(deps, volume.location, signal);
  }
  const managed = { ...volume, metadata: { ...volume.metadata, [restoreMark]: mark } };
  const newVolumeId = made ?? (await deps.cloud.manageVolume(managed, volume.location.image, signal));
  await deps.cloud.setImageMetadata(volume.projectId, newVolumeId, volume.imageMetadata);
  await record({ ...volume, newVolumeId });
  return newVolumeId;
}

async function moveImage(
  deps: Deps,
  plan: RestoreDiskPlan,
  volume: VolumePlan,
  signal: AbortSignal,
): Promise<void> {
  const { rbd } = deps;
  const { fresh } = plan;
  const samePool = fresh.pool === volume.location.pool && fresh.cluster === volume.location.cluster;
  const atTarget = samePool ? undefined : await rbd.findImage(volume.location);
  if (atTarget === undefined) {
    await waitUntilFree(deps, fresh, signal);
    await dressImage(deps, fresh, volume);
    if (samePool) return;
    await rbd.prepareMigration(fresh, volume.location);
  } else {
    // The rbd of a dead worker may still be at it.
    await waitUntilFree(deps, volume.location, signal);
  }
  // A migration that an earlier attempt began is finished, whatever state it is in.
  const state = await rbd.migrationState(volume.location);
  if (state === 'other')
    throw new AppError(
      'CONFLICT_MIGRATION',
      `${formatLocation(volume.location)} is in a migration state that cannot be continued; see rbd status`,
    );
  if (state === 'prepared' || state === 'executing') await rbd.executeMigration(volume.location, { signal });
  if (state !== 'none') await rbd.commitMigration(volume.location);
}

/** Cinder counts in GiB and leaves a managed image's size as it is; snapshots would hinder the tenant's own deletes. */
async function dressImage({ rbd }: Deps, image: ImageLocation, volume: VolumePlan): Promise<void> {
  for (const { name } of await rbd.listSnapshots(image)) await rbd.removeSnapshot(image, name);
  const { sizeBytes } = await rbd.showImage(image);
  const wantedBytes = volume.sizeGib * gibBytes;
  if (sizeBytes < wantedBytes) await rbd.growImage(image, wantedBytes);
}
