import type { ImageLocation } from '../../domain/disk.ts';
import type { CephCluster } from './cluster.ts';
import { runCeph, runCephJson, type RunOptions } from './command.ts';
import { changeByRbd } from './full-pool.ts';
import { isNotFound } from './images.ts';
import { asRows, count, flag, text, type Row } from './rows.ts';
import { imageSpec, poolSpec, snapshotSpec } from './specs.ts';

type Place = Pick<ImageLocation, 'pool' | 'image'>;

export interface RbdSnapshot {
  /** Unique in the pool: a snapshot recreated under the same name has another one (I3). */
  id: number;
  name: string;
  sizeBytes: number;
  protected: boolean;
  /** As Ceph prints it, such as `Sun Nov 22 17:01:02 2026` in the host's time zone. */
  createdText: string;
}

function toSnapshot(row: Row): RbdSnapshot {
  return {
    id: count(row, 'id'),
    name: text(row, 'name'),
    sizeBytes: count(row, 'size'),
    protected: flag(row, 'protected'),
    createdText: typeof row['timestamp'] === 'string' ? row['timestamp'] : '',
  };
}

/** Snapshots of users; Ceph keeps those of groups, mirrors and the trash in namespaces of their own. */
export async function listSnapshots(
  cluster: CephCluster,
  image: Place,
  options?: RunOptions,
): Promise<RbdSnapshot[]> {
  return asRows(
    await runCephJson(cluster, 'rbd', ['snap', 'ls', imageSpec(image)], options),
    'snapshots',
  ).map(toSnapshot);
}

/** As listSnapshots, but none when there is no such image. */
export async function findSnapshots(
  cluster: CephCluster,
  image: Place,
  options?: RunOptions,
): Promise<RbdSnapshot[]> {
  try {
    return await listSnapshots(cluster, image, options);
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

export async function createSnapshot(
  cluster: CephCluster,
  image: Place,
  name: string,
  options?: RunOptions,
): Promise<void> {
  await changeByRbd(
    cluster,
    image.pool,
    ['snap', 'create', snapshotSpec(image, name), '--no-progress'],
    options,
  );
}

/** Removes a snapshot; one that is gone already, with or without its image, is fine. */
export async function removeSnapshot(cluster: CephCluster, image: Place, name: string): Promise<void> {
  try {
    await runCeph(cluster, 'rbd', ['snap', 'rm', snapshotSpec(image, name), '--no-progress']);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Ids of the images in the pool's trash. */
export async function listTrash(cluster: CephCluster, pool: string): Promise<string[]> {
  const rows = asRows(await runCephJson(cluster, 'rbd', ['trash', 'ls', '--all', poolSpec(pool)]), 'trash');
  return rows.map((row) => text(row, 'id'));
}

export interface TrashEntry {
  imageId: string;
  /** What it was called before. */
  image: string;
}

/** What users and programs put into the trash; not the sources of migrations, which Ceph keeps there meanwhile. */
export async function listTrashEntries(cluster: CephCluster, pool: string): Promise<TrashEntry[]> {
  const args = ['trash', 'ls', '--all', '--long', poolSpec(pool)];
  return asRows(await runCephJson(cluster, 'rbd', args), 'trash')
    .filter((row) => row['source'] !== 'MIGRATION')
    .map((row) => ({ imageId: text(row, 'id'), image: text(row, 'name') }));
}

/** Snapshots of an image in the trash, which has an id but no name any more. */
export async function listTrashSnapshots(
  cluster: CephCluster,
  pool: string,
  imageId: string,
): Promise<RbdSnapshot[]> {
  const args = ['snap', 'ls', `--pool=${poolSpec(pool)}`, `--image-id=${imageId}`];
  return asRows(await runCephJson(cluster, 'rbd', args), 'snapshots').map(toSnapshot);
}

export async function removeTrashSnapshot(
  cluster: CephCluster,
  pool: string,
  imageId: string,
  name: string,
): Promise<void> {
  await runCeph(cluster, 'rbd', [
    'snap',
    'rm',
    `--pool=${poolSpec(pool)}`,
    `--image-id=${imageId}`,
    `--snap=${name}`,
    '--no-progress',
  ]);
}

export async function removeFromTrash(cluster: CephCluster, pool: string, imageId: string): Promise<void> {
  await runCeph(cluster, 'rbd', [
    'trash',
    'rm',
    `--pool=${poolSpec(pool)}`,
    `--image-id=${imageId}`,
    '--no-progress',
  ]);
}
