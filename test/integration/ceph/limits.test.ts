/** What the limits change at the real rbd: its settings, its pace. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pacedRbd } from '../../../src/compose/paced-rbd.ts';
import { createRbd, type Rbd } from '../../../src/drivers/ceph/rbd.ts';
import { collect } from '../../support/collect.ts';
import { devcloud } from '../../support/devcloud.ts';
import { changeImage, imageSha256 } from '../../support/rbd-image.ts';

const mib = 1024 * 1024;
const at = { cluster: 'ceph', pool: 'volumes', image: `limits-${process.pid}` };
const copy = { ...at, pool: 'backups' };
const snapshot = 'one';

/** The cloud's ceph.conf, with an admin socket for each client. */
let directory: string;
let asokConf: string;

function open(concurrentOps?: number): Rbd {
  const { keyring: keyringPath } = devcloud();
  return createRbd([{ name: 'ceph', confPath: asokConf, user: 'admin', keyringPath, concurrentOps }]);
}

before(async () => {
  directory = await mkdtemp('/tmp/ek-limits-');
  asokConf = join(directory, 'ceph.conf');
  const client = `\n[client]\nadmin_socket = ${directory}/$pid.asok\n`;
  await writeFile(asokConf, (await readFile(devcloud().cephConf, 'utf8')) + client);
  const rbd = open();
  const size = { sizeBytes: 192 * mib, objectSizeBytes: 4 * mib };
  for (const image of [at, copy]) await rbd.createImage(image, { ...size, mark: { key: 'k', value: 'v' } });
  await changeImage(`volumes/${at.image}`, [{ kind: 'write', offset: 0, length: 160 * mib, seed: 1 }]);
  await rbd.createSnapshot(at, snapshot);
});
after(async () => {
  const rbd = open();
  for (const image of [at, copy]) {
    for (const { name } of await rbd.listSnapshots(image)) await rbd.removeSnapshot(image, name);
    await rbd.removeImage(image);
  }
  await rm(directory, { recursive: true });
});

/** An `rbd export-diff` that nobody reads, so that it stands still in the middle and can be asked. */
async function stalledExporter(
  concurrentOps?: number,
): Promise<{ argv: string[]; pid: number; end: () => Promise<void> }> {
  const before = new Set(exporters());
  const { close, exited } = await open(concurrentOps).exportDiff(at, { snapshot, fromSnapshot: undefined });
  const end = async (): Promise<void> => {
    close();
    await exited.catch(() => undefined);
  };
  const pid = exporters().find((candidate) => !before.has(candidate));
  if (pid !== undefined) return { pid, argv: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'), end };
  await end();
  throw new Error('no export runs');
}

/** Pids of this process's exports. */
function exporters(): number[] {
  const rows = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return rows
    .split('\n')
    .filter((row) => row.includes(' export-diff '))
    .map((row) => parseInt(row, 10));
}

/** What the program itself says of its setting, on the admin socket that `asokConf` gives it. */
async function concurrentOpsOf(pid: number): Promise<string> {
  const socket = join(directory, `${pid}.asok`);
  for (let waitedMs = 0; !existsSync(socket) && waitedMs < 60_000; waitedMs += 50) await sleep(50);
  const question = ['--admin-daemon', socket, 'config', 'get', 'rbd_concurrent_management_ops'];
  const answer = execFileSync('ceph', question, { encoding: 'utf8' });
  return (JSON.parse(answer) as { rbd_concurrent_management_ops: string }).rbd_concurrent_management_ops;
}

for (const [limit, expected] of [
  [1, '1'],
  [32, '32'],
  [undefined, '10'],
] as const) {
  test(`an exporter works on ${limit ?? 'as many objects at once as ceph.conf says'}`, async () => {
    const { argv, pid, end } = await stalledExporter(limit);
    try {
      assert.equal(
        argv.some((argument) => argument.includes('management-ops')),
        limit !== undefined,
      );
      assert.equal(await concurrentOpsOf(pid), expected);
    } finally {
      await end();
    }
  });
}

test('an export and an import that share a bandwidth carry the same bytes', async () => {
  const rbd = pacedRbd(open(40), 400);
  const read = async (): Promise<Buffer> => {
    const { chunks, exited } = await rbd.exportDiff(at, { snapshot, fromSnapshot: undefined });
    const bytes = await collect(chunks);
    await exited;
    return bytes;
  };
  const [first, second] = await Promise.all([read(), read()]);
  assert.ok(first.length > 160 * mib);
  assert.ok(first.equals(second));
  await rbd.importDiff(copy, Readable.from([first]));
  assert.equal(await imageSha256(`backups/${copy.image}`), await imageSha256(`volumes/${at.image}`));
});
