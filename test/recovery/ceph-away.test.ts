/** The OSD of a Ceph of the test's own dies for a while, then is slow, in the middle of backups and restores: they wait and go on. */
import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cleanup } from '../support/devcloud.ts';
import { startScratchCeph, type ScratchCeph } from '../support/scratch-ceph.ts';
import { startFaultyService, type FaultyService } from '../support/scratch-service.ts';
import type { BackupJob } from '../support/service.ts';
import { sweep } from './relay.ts';

const mib = 1024 * 1024;
/** The long one is more than a look at a full pool waits for. */
const awayMs = process.env['EMBERKEEP_RECOVERY'] === 'full' ? 75_000 : 5_000;
/** More than an export or import has on its way at once, which is ten objects of 4 MiB. */
const sizeMib = 96;
const image = 'volumes/disk';
const cleanup = new Cleanup();
let ceph: ScratchCeph;
let service: FaultyService;
let point: BackupJob;

before(async () => {
  const folder = await mkdtemp('/tmp/ek-away-');
  cleanup.add(() => rm(folder, { recursive: true }));
  ceph = await startScratchCeph(['volumes', 'backups', 'vms']);
  cleanup.add(() => ceph.close());
  const content = join(folder, 'content');
  await writeFile(content, randomFillSync(Buffer.alloc(sizeMib * mib)));
  await ceph.rbd('import', '--no-progress', content, image);
  service = await startFaultyService({ env: { CEPH_CONF: ceph.confPath } });
  cleanup.add(() => service.stop());
});
after(() => cleanup.run());

/** The OSD dies once so much has passed, and is back a while later. */
async function* dyingIn(stream: AsyncIterable<Buffer>, afterBytes: number): AsyncGenerator<Buffer> {
  let passed = 0;
  for await (const chunk of stream) {
    if (passed < afterBytes && passed + chunk.length >= afterBytes) await dieForAWhile();
    passed += chunk.length;
    yield chunk;
  }
}

async function dieForAWhile(): Promise<void> {
  await ceph.killOsd();
  void sleep(awayMs).then(() => ceph.startOsd());
}

async function snapshots(): Promise<unknown[]> {
  return JSON.parse(await ceph.rbd('snap', 'ls', image, '--format=json')) as unknown[];
}

/** Restores, looks that it is the same, and removes it. */
async function restoreAndCompare(attempt: number): Promise<void> {
  const restored = await service.restore({ point: { id: point.result.point_id }, mode: 'image' });
  const made = restored.result.disks[0]?.image ?? '';
  assert.equal(restored.attempt, attempt);
  assert.equal(await ceph.sha256(made), await ceph.sha256(image));
  await ceph.rbd('rm', '--no-progress', made);
  assert.equal(await ceph.rbd('ls', 'backups'), '', 'nothing else was left');
}

test('the OSD dies in the middle of an export and comes back', sweep, async () => {
  service.hooks.rbd.exportDiff = async (at, options) => {
    const output = await service.real.rbd.exportDiff(at, options);
    return { ...output, chunks: dyingIn(output.chunks, mib) };
  };
  point = await service.backup({ image });
  service.clear();
  assert.equal(point.attempt, 1);
  assert.equal(point.result.disks[0]?.data_bytes, sizeMib * mib);
  assert.equal((await snapshots()).length, 1);
});

test('the OSD dies in the middle of an import and comes back', sweep, async () => {
  service.hooks.rbd.importDiff = (at, stream, options) =>
    service.real.rbd.importDiff(at, dyingIn(stream, 8 * mib), options);
  await restoreAndCompare(1);
  service.clear();
});

test('the OSD is gone when snapshots are to be taken', sweep, async () => {
  const { rbd } = service.real;
  service.hooks.rbd.createSnapshot = async (at, name) => {
    await dieForAWhile();
    await rbd.createSnapshot(at, name);
  };
  const { attempt, result } = await service.backup({ image });
  service.clear();
  assert.deepEqual([attempt, result.disks[0]?.kind], [1, 'increment']);
  assert.equal((await snapshots()).length, 1);
});

test('a slow OSD makes a backup and a restore slow, no more', sweep, async () => {
  const hurry = ceph.slowOsd(800);
  try {
    const { attempt } = await service.backup({ image }, { full: true });
    assert.equal(attempt, 1);
    await restoreAndCompare(1);
  } finally {
    await hurry();
  }
  assert.equal((await snapshots()).length, 1);
});
