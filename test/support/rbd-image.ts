/** Real images of the development cloud's Ceph, changed and read from outside, as a guest or an administrator would. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { devcloud } from './devcloud.ts';
import { librbd } from './librbd.ts';

const run = promisify(execFile);

/** Never the synchronous kind: the service under test lives in the same process. */
export async function rbd(...args: string[]): Promise<string> {
  return (await run('rbd', [...args, ...clusterArguments()], { maxBuffer: 64 * 1024 * 1024 })).stdout;
}

export async function ceph(...args: string[]): Promise<string> {
  return (await run('ceph', [...args, ...clusterArguments()])).stdout;
}

function clusterArguments(): string[] {
  const { cephConf, keyring } = devcloud();
  return ['--conf', cephConf, '--keyring', keyring];
}

/** SHA-256 of everything in `POOL/IMAGE` or `POOL/IMAGE@SNAPSHOT`, holes as zeros. */
export async function imageSha256(spec: string): Promise<string> {
  return await librbd('sha256', spec);
}

/**
 * Equal for images of the same size and bytes and no others, but not what a program would print of the bytes: every byte is
 * read, zeros are not hashed. For whole volumes, which have a GiB of them, in a tenth of the CPU time of imageSha256.
 */
export async function volumeSha256(spec: string): Promise<string> {
  return await librbd('sparse_sha256', spec);
}

/** SHA-256 of some MiB of `POOL/IMAGE` or `POOL/IMAGE@SNAPSHOT`: a fraction of what the whole image takes. */
export async function rangeSha256(spec: string, offset: number, length: number): Promise<string> {
  return await librbd('range_sha256', spec, { offset, length });
}

/** SHA-256 of the first 2 MiB of `POOL/IMAGE`: for images whose rest is empty, in a fraction of the time. */
export async function headSha256(spec: string): Promise<string> {
  return await rangeSha256(spec, 0, 2 * 1024 * 1024);
}

export type ImageChange =
  | { kind: 'write'; offset: number; length: number; seed: number }
  | { kind: 'discard'; offset: number; length: number }
  | { kind: 'resize'; sizeBytes: number };

/**
 * Writes random bytes (the same for the same seed, zeros for seed 0), discards and resizes, in this order. Beyond its end the
 * image is left alone with `clip`, else that is an error.
 */
export async function changeImage(
  spec: string,
  changes: readonly ImageChange[],
  { clip = false } = {},
): Promise<void> {
  await librbd('change', spec, { changes, clip });
}

const holdScript = `
import rados, rbd, sys
conf, keyring, pool, name = sys.argv[1:5]
with rados.Rados(conffile=conf, conf={'keyring': keyring}) as cluster, cluster.open_ioctx(pool) as ioctx:
    with rbd.Image(ioctx, name):
        print('open', flush=True)
        sys.stdin.read()
`;

/** Keeps an image open for writing, as a guest's qemu does: a watcher. Returns what closes it. */
export async function holdImageOpen(spec: string): Promise<() => Promise<void>> {
  const [pool = '', image = ''] = spec.split('/');
  const { cephConf, keyring } = devcloud();
  const child = spawn('/usr/bin/python3', ['-c', holdScript, cephConf, keyring, pool, image], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  await Promise.race([
    once(child.stdout, 'data'),
    closed.then(() => Promise.reject(new Error(`${spec} could not be opened`))),
  ]);
  return async () => {
    child.stdin.end();
    await closed;
  };
}

/** Until nobody has the image open: Ceph forgets a client that was killed after 30 s (`osd_client_watch_timeout`). */
export async function untilClosed(spec: string): Promise<void> {
  for (;;) {
    const { watchers } = JSON.parse(await rbd('status', '--format=json', spec)) as { watchers: unknown[] };
    if (watchers.length === 0) return;
    await sleep(500);
  }
}

export async function listImages(pool: string): Promise<string[]> {
  return await librbd('images', pool);
}

export interface ImageSnapshot {
  id: number;
  name: string;
}

export async function listSnapshots(spec: string): Promise<ImageSnapshot[]> {
  return await librbd('snapshots', spec);
}

/** Ids of the images in a pool's trash. */
export async function listTrash(pool: string): Promise<string[]> {
  return await librbd('trash', pool);
}

export async function imageInfo(spec: string): Promise<{ id: string; size: number }> {
  return await librbd('info', spec);
}

/** Of objects of 2 ** `objectOrder` bytes. */
export async function createImage(spec: string, sizeBytes: number, { objectOrder = 22 } = {}): Promise<void> {
  await librbd('create', spec, { sizeBytes, objectOrder });
}

export async function createSnapshot(spec: string, name: string): Promise<void> {
  await librbd('snapshot', spec, { name });
}

/** Removes an image with its snapshots; one that is gone is fine. */
export async function removeImage(spec: string): Promise<void> {
  await librbd('remove', spec);
}
