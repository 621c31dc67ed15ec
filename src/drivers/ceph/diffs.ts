import type { ImageLocation } from '../../domain/disk.ts';
import { transferArguments, type CephCluster } from './cluster.ts';
import { streamFromCeph, streamToCeph, type OutputStream, type RunOptions } from './command.ts';
import { whileRoom, type WriteOptions } from './full-pool.ts';
import { imageSpec, snapshotSpec } from './specs.ts';

type Place = Pick<ImageLocation, 'pool' | 'image'>;

export interface ExportDiffOptions extends RunOptions {
  /** undefined exports the image as it is now: only while nobody can write to it. */
  snapshot: string | undefined;
  /** undefined exports everything that is there, a clone's parent data included. */
  fromSnapshot: string | undefined;
}

/**
 * `rbd export-diff` of one snapshot, or of the image itself, to a stream. Not `--whole-object`: that would trust the object map, whose bugs have
 * lost writes (Ceph trackers 53784, 54970), where without it every object is asked (DiffIterate.cc).
 */
export async function exportDiff(
  cluster: CephCluster,
  image: Place,
  options: ExportDiffOptions,
): Promise<OutputStream> {
  const from = options.fromSnapshot === undefined ? [] : [`--from-snap=${options.fromSnapshot}`];
  return await streamFromCeph(
    cluster,
    'rbd',
    [
      'export-diff',
      options.snapshot === undefined ? imageSpec(image) : snapshotSpec(image, options.snapshot),
      '-',
      ...from,
      '--no-progress',
      ...transferArguments(cluster),
    ],
    options,
  );
}

/**
 * `rbd import-diff` of a stream into an image. It makes the to-snapshot only after the last record, so that the
 * snapshot is the commit mark of the import (Import.cc); a repeated import after a crash is safe until then.
 *
 * @throws CEPH_FULL when the pool has no room for two minutes.
 */
export async function importDiff(
  cluster: CephCluster,
  image: Place,
  stream: AsyncIterable<Buffer>,
  options: WriteOptions = {},
): Promise<void> {
  const args = ['import-diff', '-', imageSpec(image), '--no-progress', ...transferArguments(cluster)];
  await whileRoom(cluster, image.pool, options, ({ signal, moved }) =>
    streamToCeph(cluster, 'rbd', args, noticed(stream, moved), { signal }),
  );
}

/** A chunk that is asked for: the program has taken the one before. */
async function* noticed(
  stream: AsyncIterable<Buffer>,
  moved: () => void,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of stream) {
    moved();
    yield chunk;
  }
}

/**
 * How many bytes may have changed since the snapshot, counted in whole objects: for a figure, quick where there is an
 * object map, and never for a backup (exportDiff says why). Reads line by line, as an image has many objects (I11).
 */
export async function changedBytes(
  cluster: CephCluster,
  image: Place,
  { fromSnapshot, signal }: { fromSnapshot: string } & RunOptions,
): Promise<number> {
  const args = ['diff', imageSpec(image), `--from-snap=${fromSnapshot}`, '--whole-object'];
  const { chunks, exited } = await streamFromCeph(cluster, 'rbd', args, { signal });
  let bytes = 0;
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) bytes += changedIn(line);
  }
  await exited;
  return bytes + changedIn(rest);
}

/** `16777216  4194304  data`, below a line of titles; what is zero now has changed too. */
function changedIn(line: string): number {
  const [, length] = /^\d+\s+(\d+)\s+(?:data|zero)\s*$/.exec(line) ?? [];
  return length === undefined ? 0 : Number(length);
}
