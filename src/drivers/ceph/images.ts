import { AppError } from '../../base/errors.ts';
import type { ImageLocation } from '../../domain/disk.ts';
import type { CephCluster } from './cluster.ts';
import { askCeph, runCeph, runCephJson, type RunOptions } from './command.ts';
import { isImageMissing } from './errors.ts';
import { changeByRbd, whileRoom } from './full-pool.ts';
import { asRow, asRows, count, text } from './rows.ts';
import { imageSpec, poolSpec, snapshotSpec } from './specs.ts';

type Place = Pick<ImageLocation, 'pool' | 'image'>;

export interface ImageInfo {
  /** RBD's internal id, unique in the pool for ever. */
  imageId: string;
  sizeBytes: number;
  objectSizeBytes: number;
  features: string[];
}

export interface ShowImageOptions extends RunOptions {
  /** The image as of this snapshot: then the size is the snapshot's, and without the snapshot nothing is found. */
  snapshot?: string | undefined;
}

export async function listImages(
  cluster: CephCluster,
  pool: string,
  options?: RunOptions,
): Promise<string[]> {
  const names = await runCephJson(cluster, 'rbd', ['ls', poolSpec(pool)], options);
  if (!Array.isArray(names)) throw new AppError('CEPH_BAD_OUTPUT', `rbd ls ${pool} did not print a list`);
  return names.map(String).sort();
}

/** An image of a pool with its snapshots, as far as one listing of the pool tells. */
export interface ListedImage {
  image: string;
  imageId: string;
  sizeBytes: number;
  snapshots: string[];
}

/** Times that a pool is listed while images go in the middle of it. */
const listAttempts = 10;

/**
 * `rbd ls --long`: one program for the whole pool, which opens every image for reading (no watch). An image that goes
 * meanwhile ends it with the same code and words as a pool that is not there (seen on Ceph 16; `list_process_image` in
 * src/tools/rbd/action/List.cc), so the pool is listed again. Throws CEPH_NO_POOL, and CEPH_BUSY when there is no end to it.
 */
export async function listImagesLong(
  cluster: CephCluster,
  pool: string,
  options?: RunOptions,
): Promise<ListedImage[]> {
  const listed = new Map<string, ListedImage>();
  for (const row of asRows(await listLong(cluster, pool, options), 'images')) {
    const image = text(row, 'image');
    const known = listed.get(image);
    if (known === undefined) {
      listed.set(image, { image, imageId: text(row, 'id'), sizeBytes: count(row, 'size'), snapshots: [] });
    }
    if (typeof row['snapshot'] === 'string') listed.get(image)?.snapshots.push(row['snapshot']);
  }
  return [...listed.values()];
}

async function listLong(cluster: CephCluster, pool: string, options?: RunOptions): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runCephJson(cluster, 'rbd', ['ls', '--long', poolSpec(pool)], options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await checkPool(cluster, pool, options);
      if (attempt < listAttempts) continue;
      throw new AppError(
        'CEPH_BUSY',
        `images of pool "${pool}" go faster than they can be listed; try again later`,
        { cause: error, retryable: true },
      );
    }
  }
}

export async function showImage(
  cluster: CephCluster,
  image: Place,
  { snapshot, signal }: ShowImageOptions = {},
): Promise<ImageInfo> {
  const spec = snapshot === undefined ? imageSpec(image) : snapshotSpec(image, snapshot);
  const row = asRow(await runCephJson(cluster, 'rbd', ['info', spec], { signal }), 'image');
  const features = Array.isArray(row['features']) ? row['features'].map(String) : [];
  return {
    imageId: text(row, 'id'),
    sizeBytes: count(row, 'size'),
    objectSizeBytes: count(row, 'object_size'),
    features,
  };
}

/** As showImage, but undefined when there is no such image; a pool that is missing still throws. */
export async function findImage(
  cluster: CephCluster,
  image: Place,
  options?: ShowImageOptions,
): Promise<ImageInfo | undefined> {
  try {
    return await showImage(cluster, image, options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    // Listing a pool costs as much as it has images, so only when rbd did not say which of the two is missing.
    if (!isImageMissing(error)) await checkPool(cluster, image.pool, options);
    return undefined;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof AppError && error.code === 'CEPH_NOT_FOUND';
}

export async function checkPool(cluster: CephCluster, pool: string, options?: RunOptions): Promise<void> {
  try {
    await askCeph(cluster, 'rbd', ['ls', poolSpec(pool)], options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new AppError(
      'CEPH_NO_POOL',
      `cluster ${cluster.name} has no pool "${pool}"; check the pools in the configuration`,
      {
        cause: error,
      },
    );
  }
}

/** Clients that have the image open (`rbd status`); the one that asks is not among them. */
export async function listWatchers(
  cluster: CephCluster,
  image: Place,
  options?: RunOptions,
): Promise<string[]> {
  const row = asRow(await runCephJson(cluster, 'rbd', ['status', imageSpec(image)], options), 'status');
  return asRows(row['watchers'] ?? [], 'watchers').map((watcher) => text(watcher, 'address'));
}

export interface CreateImageOptions extends RunOptions {
  sizeBytes: number;
  objectSizeBytes: number;
  /** Key and value that mark the image as ours (`rbd image-meta`), so that nothing else is ever cleaned up. */
  mark: { key: string; value: string };
}

/** A new empty image; CEPH_EXISTS when the name is taken. */
export async function createImage(
  cluster: CephCluster,
  image: Place,
  options: CreateImageOptions,
): Promise<void> {
  const size = `${options.sizeBytes}B`;
  await changeByRbd(
    cluster,
    image.pool,
    ['create', imageSpec(image), `--size=${size}`, `--object-size=${options.objectSizeBytes}B`],
    options,
  );
  await changeByRbd(
    cluster,
    image.pool,
    ['image-meta', 'set', imageSpec(image), options.mark.key, options.mark.value],
    options,
  );
}

/**
 * Value of one key of the image's metadata; undefined when it has none. (`list` prints no JSON for an empty list.) `rbd` opens
 * the image for writing even for this, and the watch that comes with that is held back in a full pool too.
 */
export async function readImageMark(
  cluster: CephCluster,
  image: Place,
  key: string,
): Promise<string | undefined> {
  try {
    const args = ['image-meta', 'get', imageSpec(image), key];
    const value = await whileRoom(cluster, image.pool, {}, ({ signal }) =>
      askCeph(cluster, 'rbd', args, { signal }),
    );
    return value.trim();
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return undefined;
  }
}

export async function removeImageMark(cluster: CephCluster, image: Place, key: string): Promise<void> {
  await changeByRbd(cluster, image.pool, ['image-meta', 'remove', imageSpec(image), key]);
}

/** Grows the image; never shrinks it. */
export async function growImage(
  cluster: CephCluster,
  image: Place,
  sizeBytes: number,
  options?: RunOptions,
): Promise<void> {
  await changeByRbd(
    cluster,
    image.pool,
    ['resize', imageSpec(image), `--size=${sizeBytes}B`, '--no-progress'],
    options,
  );
}

/** Removes an image that has neither watchers nor snapshots; an image that is gone already is fine. */
export async function removeImage(cluster: CephCluster, image: Place): Promise<void> {
  try {
    await runCeph(cluster, 'rbd', ['rm', imageSpec(image), '--no-progress']);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
