/** The imported image becomes a Cinder volume of the owner's project: grown to whole GiB, moved to the backend's pool, managed. */
import { adoptEncrypted, type AdoptOptions } from './adopt-encrypted.ts';
import { markOf, restoreMark, type RestoreDeps } from './deps.ts';
import { moveImage } from './move-image.ts';
import { waitUntilFree } from './wait-until-free.ts';

type Deps = Pick<RestoreDeps, 'rbd' | 'cloud'>;

const gibBytes = 1024 ** 3;

/** Returns the new volume's id. */
export async function adoptVolume(deps: Deps, options: AdoptOptions): Promise<string> {
  const { restoreId, plan, signal, record } = options;
  let { volume } = options;
  if (volume.newVolumeId !== undefined) return volume.newVolumeId;
  if (volume.encryptionKeyId !== undefined) return await adoptEncrypted(deps, options);
  const mark = markOf(restoreId, plan.fresh);
  const made = await deps.cloud.findVolumeByMark(volume.projectId, restoreMark, mark);
  if (made === undefined) {
    if (!volume.moved) {
      const { location, sizeGib } = volume;
      await moveImage(deps, { fresh: plan.fresh, location, atLeastBytes: sizeGib * gibBytes, signal });
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
