/** A pool whose quota is used up: Ceph holds writes back without a word, the service says so, gives up in time and leaves nothing. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRbd, type Rbd } from '../../../src/drivers/ceph/rbd.ts';
import type { WireJob } from '../../../src/entry/cli/wire.ts';
import { Cleanup, devcloud } from '../../support/devcloud.ts';
import {
  ceph,
  changeImage,
  imageSha256,
  listImages,
  listSnapshots,
  rbd,
  removeImage,
  untilClosed,
} from '../../support/rbd-image.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';

const mib = 1024 * 1024;
const pool = `ek-full-${process.pid}`;
const source = `${pool}/source`;
const cleanup = new Cleanup();
let service: FaultyService;
let impatient: Rbd;

before(async () => {
  const folder = await mkdtemp('/tmp/ek-full-');
  cleanup.add(() => rm(folder, { recursive: true }));
  await ceph('osd', 'pool', 'create', pool, '1', '1');
  cleanup.add(() => ceph('osd', 'pool', 'rm', pool, pool, '--yes-i-really-really-mean-it'));
  await rbd('pool', 'init', pool);
  const config = join(folder, 'emberkeep.yaml');
  await writeFile(config, `backups_pool: { cluster: ceph, pool: ${pool} }\n`);
  service = await startFaultyService({ env: { EMBERKEEP_CONFIG: config } });
  cleanup.add(() => service.stop());
  const { cephConf: confPath } = devcloud();
  const fullPatience = { lookMs: 500, waitMs: 2_000 };
  impatient = createRbd([{ name: 'ceph', confPath, user: 'admin', keyringPath: undefined, fullPatience }]);
  await rbd('create', '--size=64M', source);
  await changeImage(source, [{ kind: 'write', offset: 0, length: 24 * mib, seed: 7 }]);
});
after(() => cleanup.run());

async function setQuota(maxBytes: number): Promise<void> {
  await ceph('osd', 'pool', 'set-quota', pool, 'max_bytes', String(maxBytes));
  const isFull = maxBytes > 0;
  for (;;) {
    const pools = JSON.parse(await ceph('osd', 'pool', 'ls', 'detail', '--format=json')) as Pool[];
    const flags = pools.find(({ pool_name: name }) => name === pool)?.flags_names.split(',') ?? [];
    if (flags.includes('full') === isFull) return;
    await sleep(200);
  }
}

interface Pool {
  pool_name: string;
  flags_names: string;
}

async function told({ id }: WireJob): Promise<string[]> {
  const events = await service.drivers.catalog.events.since(id);
  return events.flatMap(({ data: { message } }) => (typeof message === 'string' ? [message] : []));
}

test('a pool that fills up in the middle of a restore: clear errors, nothing is left once there is room, and it works again', async () => {
  const { result } = await service.backup({ image: source });
  const request = { point: { id: result.point_id }, mode: 'image' };
  Object.assign(service.hooks.rbd, impatient);
  service.hooks.rbd.importDiff = async (at, stream, options) => {
    await impatient.importDiff(at, fillingUp(stream), options);
  };
  const { restore, job } = await service.failedRestore(request);
  // Ceph 16 cannot even remove the image now: its way leads through the trash, which is a write into the pool.
  assert.equal(job.error?.type, 'CONFLICT_UNDO_FAILED', job.error?.message);
  const full = `pool "${pool}" of cluster ceph is full, or its quota is used up: make room`;
  assert.ok(job.error.message.startsWith(full), job.error.message);
  assert.ok((await told(job)).some((message) => /waiting for room: pool .* given up in/.test(message)));
  assert.deepEqual(await listImages(pool), [`restore-${restore.id}-0`, 'source']);

  // Full from the beginning: neither an image nor a snapshot can be made, and there is nothing to undo.
  service.hooks.rbd.importDiff = (at, stream, options) => impatient.importDiff(at, stream, options);
  const early = await service.failedRestore(request);
  assert.equal(early.job.error?.type, 'CEPH_FULL', early.job.error?.message);
  const before = [await service.storedLinks(), await listSnapshots(source)];
  assert.equal((await service.failedBackup({ image: source })).error?.type, 'CEPH_FULL');
  assert.deepEqual([await service.storedLinks(), await listSnapshots(source)], before);

  await setQuota(0);
  service.clear();
  // The `rbd` that waited for room was killed, and an image that may still be open is left alone (I6).
  await untilClosed(`${pool}/restore-${restore.id}-0`);
  const { job: reconciliation } = await service.call<{ job: WireJob }>('POST', '/v1/reconciliations', {});
  await service.ended(reconciliation.id);
  assert.deepEqual(await listImages(pool), ['source']);
  const restored = await service.restore(request);
  const image = restored.result.disks[0]?.image ?? '';
  assert.equal(await imageSha256(image), await imageSha256(source));
  await removeImage(image);
  assert.equal((await service.backup({ image: source })).result.disks[0]?.kind, 'increment');
});

/** The quota is used up, and known to be, once some of the stream has been written. */
async function* fillingUp(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let passed = 0;
  for await (const chunk of stream) {
    if (passed <= 4 * mib && passed + chunk.length > 4 * mib) await setQuota(1);
    passed += chunk.length;
    yield chunk;
  }
}
