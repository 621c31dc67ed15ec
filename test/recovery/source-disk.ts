/** The disks that are backed up: small, written at random places, read back as Ceph has them. */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { formatLocation, type ImageLocation } from '../../src/domain/disk.ts';
import { collectRecords } from '../../src/domain/rbd-diff/read.ts';
import type { DiffRecord } from '../../src/domain/rbd-diff/records.ts';
import { writeDiff } from '../../src/domain/rbd-diff/write.ts';
import type { Rbd } from '../../src/drivers/ceph/rbd.ts';
import type { BackupStore } from '../../src/drivers/store/backup-store.ts';
import { devcloud } from '../support/devcloud.ts';

export const diskBytes = 8 * 1024 * 1024;
const blockBytes = 64 * 1024;

/** Random blocks of about so many bytes in all, none of them compressible. The image gets its small size here. */
export async function writeRandomly(
  rbd: Pick<Rbd, 'importDiff'>,
  { location }: { location: ImageLocation },
  bytes = 4 * blockBytes,
): Promise<void> {
  const offsets = new Set<number>();
  while (offsets.size < bytes / blockBytes) offsets.add(randomInt(diskBytes / blockBytes) * blockBytes);
  const records: DiffRecord[] = [
    { type: 'image-size', sizeBytes: diskBytes },
    ...[...offsets]
      .sort((one, other) => one - other)
      .map((offset) => ({ type: 'write' as const, offset, data: randomBytes(blockBytes) })),
  ];
  await rbd.importDiff(location, toStream(writeDiff(records)));
}

// eslint-disable-next-line @typescript-eslint/require-await -- the driver takes asynchronous streams only
async function* toStream(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks;
}

/** SHA-256 of what Ceph reads from the image or, with a name, its snapshot; at most `bytes` of it. */
export async function hashImage(at: ImageLocation, snapshot?: string, bytes = diskBytes): Promise<string> {
  const spec = `${formatLocation(at)}${snapshot === undefined ? '' : `@${snapshot}`}`;
  const { cephConf } = devcloud();
  const child = spawn('rbd', ['--conf', cephConf, '--no-progress', 'export', spec, '-'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const hash = createHash('sha256');
  let left = bytes;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    hash.update(chunk.subarray(0, left));
    left -= Math.min(left, chunk.length);
    // What follows, as in a disk that was grown to whole GiB, is not read.
    if (left === 0) break;
  }
  child.kill();
  if ((await exited) !== 0 && left > 0) throw new Error(`rbd export ${spec} failed`);
  return hash.digest('hex');
}

/** SHA-256 of the disk that the links make, one over the other, read from the store with nothing of Ceph's. */
export async function hashChain(
  store: Pick<BackupStore, 'checkLink' | 'openLinkStream'>,
  linkIds: readonly string[],
): Promise<string> {
  const disk = Buffer.alloc(diskBytes);
  for (const linkId of linkIds) {
    const manifest = await store.checkLink(linkId);
    for (const record of await collectRecords(store.openLinkStream(manifest))) {
      if (record.type === 'write') record.data.copy(disk, record.offset);
      if (record.type === 'zero') disk.fill(0, record.offset, record.offset + record.length);
    }
  }
  return createHash('sha256').update(disk).digest('hex');
}

/** Names in a pool; the programs of this machine, not the driver that is tested. */
export async function imagesOf(pool: string): Promise<string[]> {
  const args = ['--conf', devcloud().cephConf, 'ls', '--format=json', pool];
  const { stdout } = await promisify(execFile)('rbd', args);
  return JSON.parse(stdout) as string[];
}
