/** Names of images within one pool, and what else hangs on an image that changes its name. */
import { AppError } from '../../base/errors.ts';
import type { ImageLocation } from '../../domain/disk.ts';
import type { CephCluster } from './cluster.ts';
import { runCeph, runCephJson } from './command.ts';
import { changeByRbd } from './full-pool.ts';
import { findImage, isNotFound, listImages } from './images.ts';
import { asRows, text } from './rows.ts';
import { imageSpec, poolSpec } from './specs.ts';

type Place = Pick<ImageLocation, 'pool' | 'image'>;

/** Gives the image another name in its pool. Ceph does not refuse it for an image in use (I6). */
export async function renameImage(cluster: CephCluster, from: Place, to: Place): Promise<void> {
  if (from.pool !== to.pool)
    throw new AppError(
      'BUG_RENAME',
      `${imageSpec(from)} cannot be renamed to ${imageSpec(to)}: another pool`,
    );
  await changeByRbd(cluster, from.pool, ['mv', imageSpec(from), imageSpec(to)]);
}

/**
 * Ends a renaming that was killed in the middle. Ceph writes the new name's object (`rbd_id.NAME`, the image's id), moves
 * the entry of the pool's directory, and removes the old name's object (librbd/operation/RenameRequest.cc): in between
 * both names open the image, and neither can be renamed. The directory is changed at once, so it decides which one is right.
 * Whoever renames has the image open: call this only when it has no watchers.
 */
export async function settleNames(cluster: CephCluster, one: Place, other: Place): Promise<void> {
  const [first, second] = await Promise.all([findImage(cluster, one), findImage(cluster, other)]);
  if (first === undefined || first.imageId !== second?.imageId) return;
  const listed = new Set(await listImages(cluster, one.pool));
  const wrong = [one, other].filter(({ image }) => !listed.has(image));
  const [name, more] = wrong;
  if (name === undefined || more !== undefined) {
    throw new AppError(
      'CONFLICT_IMAGE_NAMES',
      `${imageSpec(one)} and ${imageSpec(other)} are the same image (${first.imageId}), and the pool's directory lists ${more === undefined ? 'both' : 'neither'}; see rados listomapvals rbd_directory`,
    );
  }
  await runCeph(cluster, 'rados', [`--pool=${poolSpec(name.pool)}`, 'rm', `rbd_id.${name.image}`]);
}

/** `pool/image` of the clones that hang on any snapshot of the image. */
export async function listChildren(cluster: CephCluster, image: Place): Promise<string[]> {
  const rows = asRows(await runCephJson(cluster, 'rbd', ['children', '--all', imageSpec(image)]), 'children');
  return rows.map((row) => `${text(row, 'pool')}/${text(row, 'image') || text(row, 'id')}`);
}

export async function setImageMark(
  cluster: CephCluster,
  image: Place,
  { key, value }: { key: string; value: string },
): Promise<void> {
  await changeByRbd(cluster, image.pool, ['image-meta', 'set', imageSpec(image), key, value]);
}

/** As removeImageMark, but a mark or image that is not there is fine. */
export async function clearImageMark(cluster: CephCluster, image: Place, key: string): Promise<void> {
  try {
    await changeByRbd(cluster, image.pool, ['image-meta', 'remove', imageSpec(image), key]);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Takes features away that the image has; ones that it has not are fine. */
export async function disableFeatures(
  cluster: CephCluster,
  image: Place,
  features: readonly string[],
): Promise<void> {
  await changeByRbd(cluster, image.pool, ['feature', 'disable', imageSpec(image), ...features]);
}
