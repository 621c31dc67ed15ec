/** What the limits change at the real rbd: its arguments, its memory, its pace. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

function open(concurrentOps?: number): Rbd {
  const { cephConf: confPath, keyring: keyringPath } = devcloud();
  return createRbd([{ name: 'ceph', confPath, user: 'admin', keyringPath, concurrentOps }]);
}

before(async () => {
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
});

interface Exporter {
  argv: string[];
  residentBytes: () => number;
}

/** The `rbd export-diff` of this process that has such an argument. */
function exporterWith(argument: string): Exporter {
  const pids = execFileSync('ps', ['-o', 'pid=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  for (const pid of pids.trim().split(/\s+/)) {
    const argv = readIfThere(`/proc/${pid}/cmdline`).split('\0');
    if (!argv.includes('export-diff') || !argv.includes(argument)) continue;
    const residentBytes = (): number =>
      Number(/VmRSS:\s+(\d+) kB/.exec(readIfThere(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
    return { argv, residentBytes };
  }
  throw new Error(`no export with ${argument} runs`);
}

/** Empty for a process that has just ended. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

test('an exporter that may work on more objects at once reads further ahead, and holds them', async () => {
  // Nobody reads: each goes on until it holds as many objects of 4 MiB as it may.
  const outputs = [];
  for (const ops of [1, 32]) {
    outputs.push(await open(ops).exportDiff(at, { snapshot, fromSnapshot: undefined }));
  }
  const [one, many] = [1, 32].map((ops) => exporterWith(`--rbd-concurrent-management-ops=${ops}`));
  assert.ok(one && many);
  for (let waitedMs = 0; waitedMs < 60_000 && many.residentBytes() < 120 * mib; waitedMs += 100)
    await sleep(100);
  assert.ok(many.residentBytes() >= 120 * mib, `${many.residentBytes()}`);
  assert.ok(one.residentBytes() < 80 * mib, `${one.residentBytes()}`);
  for (const { close } of outputs) close();
  await Promise.allSettled(outputs.map(({ exited }) => exited));
});

test('without the limit the exporter is told nothing, so that ceph.conf decides', async () => {
  const { chunks, exited } = await open().exportDiff(at, { snapshot, fromSnapshot: undefined });
  const { argv } = exporterWith('--no-progress');
  assert.ok(!argv.some((argument) => argument.includes('management-ops')));
  await collect(chunks);
  await exited;
});

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
