/**
 * Single objects of an image, and whether they are what they were at a snapshot. No program of Ceph's reads a range of a
 * snapshot (`rados --snapid` knows snapshots of pools only), so the object itself is read, and asked whether it was written
 * since: if not, it is now what it was then. docs/adr/0017-samples.md has what else was tried.
 */
import { AppError } from '../../base/errors.ts';
import type { ImageLocation } from '../../domain/disk.ts';
import type { CephCluster } from './cluster.ts';
import { runCephJson, streamFromCeph, type RunOptions } from './command.ts';
import { asRow, asRows, count, text, type Row } from './rows.ts';
import { imageSpec, poolSpec } from './specs.ts';

type Place = Pick<ImageLocation, 'pool' | 'image'>;

export interface ObjectReader {
  /**
   * The object's bytes as they are now, without zeros that may follow; empty when there is none. undefined when that says
   * nothing: a clone has it from its parent.
   */
  read(objectNumber: number): Promise<Buffer | undefined>;
  /** To be asked after a read: whether it may have been given something else than the snapshot holds. */
  isWrittenSince(objectNumber: number, snapshotId: number): Promise<boolean>;
}

/** undefined for an image whose bytes are not one after the other in its objects (`--stripe-count`). */
export async function openObjects(
  cluster: CephCluster,
  image: Place,
  options: RunOptions = {},
): Promise<ObjectReader | undefined> {
  const info = asRow(await runCephJson(cluster, 'rbd', ['info', imageSpec(image)], options), 'image');
  if (info['stripe_count'] !== undefined && info['stripe_count'] !== 1) return undefined;
  const pool = poolSpec(typeof info['data_pool'] === 'string' ? info['data_pool'] : image.pool);
  const prefix = text(info, 'block_name_prefix');
  const isClone = info['parent'] !== undefined;
  const nameOf = (objectNumber: number): string => `${prefix}.${objectNumber.toString(16).padStart(16, '0')}`;
  return {
    read: async (objectNumber) => {
      const bytes = await readObject(cluster, pool, nameOf(objectNumber), options);
      return bytes ?? (isClone ? undefined : Buffer.alloc(0));
    },
    isWrittenSince: async (objectNumber, snapshotId) => {
      const clones = await listClones(cluster, pool, nameOf(objectNumber), options);
      // A clone is made by the first write after a snapshot, and is named after the newest one before it.
      return clones.some((id) => id >= snapshotId);
    },
  };
}

async function readObject(
  cluster: CephCluster,
  pool: string,
  name: string,
  options: RunOptions,
): Promise<Buffer | undefined> {
  const args = [`--pool=${pool}`, 'get', name, '-'];
  const { chunks, exited } = await streamFromCeph(cluster, 'rados', args, options);
  const pieces: Buffer[] = [];
  for await (const chunk of chunks) pieces.push(Buffer.from(chunk));
  try {
    await exited;
  } catch (error) {
    if (!isMissing(error)) throw error;
    return undefined;
  }
  return Buffer.concat(pieces);
}

/** Snapshot ids that older contents of the object are kept under; none for an object that never was. */
async function listClones(
  cluster: CephCluster,
  pool: string,
  name: string,
  options: RunOptions,
): Promise<number[]> {
  let row: Row;
  try {
    row = asRow(
      await runCephJson(cluster, 'rados', [`--pool=${pool}`, 'listsnaps', name], options),
      'object',
    );
  } catch (error) {
    if (!isMissing(error)) throw error;
    return [];
  }
  return asRows(row['clones'], 'clones')
    .filter(({ id }) => id !== 'head')
    .map((clone) => count(clone, 'id'));
}

/** `rados` exits with 1 whatever the failure; the errno is in its words only (src/tools/rados/rados.cc). */
function isMissing(error: unknown): boolean {
  return (
    error instanceof AppError && error.code.startsWith('CEPH_') && error.message.includes('(2) No such file')
  );
}
