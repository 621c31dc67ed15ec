/** Real images of the development cloud's Ceph, changed and read from outside, as a guest or an administrator would. */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { devcloud } from './devcloud.ts';

const run = promisify(execFile);

/** Never the synchronous kind: the service under test lives in the same process. */
export async function rbd(...args: string[]): Promise<string> {
  return (await run('rbd', [...args, ...clusterArguments()], { maxBuffer: 64 * 1024 * 1024 })).stdout;
}

export async function ceph(...args: string[]): Promise<string> {
  return (await run('ceph', [...args, ...clusterArguments()])).stdout;
}

async function rbdJson<T>(...args: string[]): Promise<T> {
  return JSON.parse(await rbd(...args, '--format=json')) as T;
}

function clusterArguments(): string[] {
  const { cephConf, keyring } = devcloud();
  return ['--conf', cephConf, '--keyring', keyring];
}

/** SHA-256 of everything in `POOL/IMAGE` or `POOL/IMAGE@SNAPSHOT`, holes as zeros. */
export async function imageSha256(spec: string): Promise<string> {
  const child = spawn('rbd', ['export', '--no-progress', ...clusterArguments(), spec, '-'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const hash = createHash('sha256');
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) hash.update(chunk);
  const [exitCode] = (await closed) as [number];
  if (exitCode !== 0) throw new Error(`rbd export ${spec} exited ${exitCode}`);
  return hash.digest('hex');
}

const volumeScript = `
import hashlib, rados, rbd, sys
conf, keyring, pool, spec = sys.argv[1:5]
name, _, snapshot = spec.partition('@')
step = 4 << 20
zeros = bytes(step)
with rados.Rados(conffile=conf, conf={'keyring': keyring}) as cluster, cluster.open_ioctx(pool) as ioctx:
    with rbd.Image(ioctx, name, snapshot=snapshot or None, read_only=True) as image:
        size = image.size()
        found = hashlib.sha256(size.to_bytes(8, 'big'))
        for offset in range(0, size, step):
            data = image.read(offset, min(step, size - offset))
            if data != zeros[:len(data)]:
                found.update(offset.to_bytes(8, 'big') + data)
        print(found.hexdigest(), flush=True)
`;

/**
 * Equal for images of the same size and bytes and no others, but not what a program would print of the bytes: every byte is
 * read, zeros are not hashed. For whole volumes, which have a GiB of them, in a tenth of the CPU time of imageSha256.
 */
export async function volumeSha256(spec: string): Promise<string> {
  return await printed(volumeScript, spec);
}

const rangeScript = `
import hashlib, rados, rbd, sys
conf, keyring, pool, name, offset, length = sys.argv[1:7]
name, _, snapshot = name.partition('@')
with rados.Rados(conffile=conf, conf={'keyring': keyring}) as cluster, cluster.open_ioctx(pool) as ioctx:
    with rbd.Image(ioctx, name, read_only=True, snapshot=snapshot or None) as image:
        print(hashlib.sha256(image.read(int(offset), int(length))).hexdigest(), flush=True)
`;

/** SHA-256 of some MiB of `POOL/IMAGE` or `POOL/IMAGE@SNAPSHOT`: a fraction of what the whole image takes. */
export async function rangeSha256(spec: string, offset: number, length: number): Promise<string> {
  return await printed(rangeScript, spec, String(offset), String(length));
}

const headScript = `
import hashlib, rados, rbd, sys
conf, keyring, pool, name = sys.argv[1:5]
with rados.Rados(conffile=conf, conf={'keyring': keyring}) as cluster, cluster.open_ioctx(pool) as ioctx:
    with rbd.Image(ioctx, name, read_only=True) as image:
        print(hashlib.sha256(image.read(0, min(image.size(), 2 << 20))).hexdigest(), flush=True)
`;

/** SHA-256 of the first 2 MiB of `POOL/IMAGE`: for images whose rest is empty, in a fraction of the time. */
export async function headSha256(spec: string): Promise<string> {
  return await printed(headScript, spec);
}

async function printed(script: string, spec: string, ...more: string[]): Promise<string> {
  const child = python(script, spec, 'pipe', ...more);
  const closed = once(child, 'close');
  let text = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) text += chunk.toString();
  const [exitCode] = (await closed) as [number];
  if (exitCode !== 0) throw new Error(`reading ${spec} exited ${exitCode}`);
  return text.trim();
}

export type ImageChange =
  | { kind: 'write'; offset: number; length: number; seed: number }
  | { kind: 'discard'; offset: number; length: number }
  | { kind: 'resize'; sizeBytes: number };

const changeScript = `
import json, random, rados, rbd, sys
conf, keyring, pool, name = sys.argv[1:5]
with rados.Rados(conffile=conf, conf={'keyring': keyring}) as cluster, cluster.open_ioctx(pool) as ioctx:
    with rbd.Image(ioctx, name) as image:
        for change in json.load(sys.stdin):
            if change['kind'] == 'write':
                image.write(random.Random(change['seed']).randbytes(change['length']), change['offset'])
            elif change['kind'] == 'discard':
                image.discard(change['offset'], change['length'])
            else:
                image.resize(change['sizeBytes'])
`;

/** Writes random bytes (the same for the same seed), discards and resizes, in this order. */
export async function changeImage(spec: string, changes: readonly ImageChange[]): Promise<void> {
  const child = python(changeScript, spec, 'inherit');
  const closed = once(child, 'close');
  child.stdin.end(JSON.stringify(changes));
  const [exitCode] = (await closed) as [number];
  if (exitCode !== 0) throw new Error(`changing ${spec} exited ${exitCode}`);
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
  const child = python(holdScript, spec, 'pipe');
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

function python(script: string, spec: string, stdout: 'inherit' | 'pipe', ...more: string[]) {
  const [pool = '', image = ''] = spec.split('/');
  const { cephConf, keyring } = devcloud();
  return spawn('/usr/bin/python3', ['-c', script, cephConf, keyring, pool, image, ...more], {
    stdio: ['pipe', stdout === 'pipe' ? 'pipe' : 'ignore', 'inherit'],
  }) as ReturnType<typeof spawn> & {
    stdin: NodeJS.WritableStream;
    stdout: NodeJS.ReadableStream;
  };
}

export async function listImages(pool: string): Promise<string[]> {
  return await rbdJson<string[]>('ls', pool);
}

export interface ImageSnapshot {
  id: number;
  name: string;
}

export async function listSnapshots(spec: string): Promise<ImageSnapshot[]> {
  return await rbdJson<ImageSnapshot[]>('snap', 'ls', spec);
}

/** Ids of the images in a pool's trash. */
export async function listTrash(pool: string): Promise<string[]> {
  return (await rbdJson<{ id: string }[]>('trash', 'ls', '--all', pool)).map(({ id }) => id);
}

export async function imageInfo(spec: string): Promise<{ id: string; size: number }> {
  return await rbdJson('info', spec);
}

/** Removes an image with its snapshots; one that is gone is fine. */
export async function removeImage(spec: string): Promise<void> {
  const [pool = '', image = ''] = spec.split('/');
  if (!(await listImages(pool)).includes(image)) return;
  await rbd('snap', 'purge', '--no-progress', spec);
  await rbd('rm', '--no-progress', spec);
}
