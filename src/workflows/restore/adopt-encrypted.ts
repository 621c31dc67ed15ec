/**
 * An encrypted volume of an imported image. Cinder gives what it manages no key, so it makes an empty volume of the type, and
 * the image takes the place of that volume's own. The header with which LUKS opens it is part of the image; the key must be
 * the one that it had.
 *
 * Each step goes by what is there, and can be repeated (I9).
 */
import { AppError } from '../../base/errors.ts';
import { formatLocation, type ImageLocation } from '../../domain/disk.ts';
import { markOf, restoreMark, type RestoreDeps } from './deps.ts';
import { moveImage } from './move-image.ts';
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

/** Returns the new volume's id. Throws CONFLICT_DISK_KEY when Cinder gave it another key than the one of the point. */
export async function adoptEncrypted(
  deps: Deps,
  { restoreId, plan, volume: planned, signal, record }: AdoptOptions,
): Promise<string> {
  const mark = markOf(restoreId, plan.fresh);
  const { projectId } = planned;
  const newVolumeId =
    (await deps.cloud.findVolumeByMark(projectId, restoreMark, mark)) ??
    (await deps.cloud.createVolume(
      { ...planned, metadata: { ...planned.metadata, [restoreMark]: mark } },
      signal,
    ));
  const target = await locate(deps, planned, newVolumeId);
  const volume: VolumePlan = { ...planned, location: { ...target, image: planned.location.image } };
  if (!volume.moved) {
    // Where Cinder has put it is known only now.
    await record(volume);
    const { location, sizeGib } = volume;
    await moveImage(deps, { fresh: plan.fresh, location, atLeastBytes: sizeGib * gibBytes, signal });
    await record({ ...volume, moved: true });
  }
  await takePlace(deps, volume.location, target, signal);
  await deps.cloud.setBootable(projectId, newVolumeId, volume.bootable);
  await deps.cloud.setImageMetadata(projectId, newVolumeId, volume.imageMetadata);
  await record({ ...volume, moved: true, newVolumeId });
  return newVolumeId;
}

async function locate(
  { cloud }: Deps,
  { projectId, encryptionKeyId }: VolumePlan,
  volumeId: string,
): Promise<ImageLocation> {
  const now = await cloud.volumeNow(projectId, volumeId);
  if (now !== undefined && now.encryptionKeyId === encryptionKeyId) return now.location;
  throw new AppError(
    'CONFLICT_DISK_KEY',
    `Cinder gave volume ${volumeId} another encryption key than the one of the point, so nobody could read it; restore it in place or with mode image`,
  );
}

/** The volume's own image is empty, made by Cinder for this restore alone: it need not be kept. */
async function takePlace(
  deps: Deps,
  restored: ImageLocation,
  target: ImageLocation,
  signal: AbortSignal,
): Promise<void> {
  const { rbd } = deps;
  const image = await rbd.findImage(restored);
  // An earlier attempt has renamed it.
  if (image === undefined) return;
  await waitUntilFree(deps, restored, signal);
  const empty = await rbd.findImage(target);
  if (empty !== undefined && empty.imageId !== image.imageId) {
    await waitUntilFree(deps, target, signal);
    await rbd.removeImage(target);
  }
  // A rename that was killed leaves both names.
  if (empty?.imageId === image.imageId) await rbd.settleNames(target, restored);
  if ((await rbd.findImage(target)) === undefined) await rbd.renameImage(restored, target);
  if ((await rbd.findImage(target))?.imageId === image.imageId) return;
  throw new AppError(
    'CONFLICT_DISK_CHANGED',
    `${formatLocation(target)} is another image than the one that was restored; restore again`,
  );
}
