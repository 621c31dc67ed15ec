/** `--consistency paused` on a real qemu guest and on Nova's fake driver: the guest stands still, and always runs again. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import type { WireJob, WirePointDetail } from '../../../src/entry/cli/wire.ts';
import { patience } from '../../support/devcloud.ts';
import { changeImage, listSnapshots } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { ApiFailure, type BackupJob } from '../../support/service.ts';

const mib = 1024 * 1024;

let scratch: ScratchCloud;
let service: FaultyService;
/** One on each host. */
const instances: Record<'fake' | 'libvirt', string> = { fake: '', libvirt: '' };
let libvirtDisks: string[];

before(async () => {
  scratch = await ScratchCloud.open('recon-paused');
  service = await startFaultyService();
  for (const zone of ['fake', 'libvirt'] as const) {
    const disks = await Promise.all([scratch.volume({ bootable: true }), scratch.volume()]);
    for (const id of disks)
      await changeImage(`volumes/volume-${id}`, [{ kind: 'write', offset: 0, length: mib, seed: 3 }]);
    instances[zone] = await scratch.instance({ zone, disks: disks.map((volumeId) => ({ volumeId })) });
    libvirtDisks = disks;
  }
});
afterEach(() => {
  service.clear();
});
after(async () => {
  await service.stop();
  await scratch.close();
});

async function statusOf(id: string): Promise<string> {
  return (await scratch.owner().nova.getServer(id)).state.status;
}

async function pointOf({ result }: BackupJob): Promise<WirePointDetail> {
  const { point } = await service.call<{ point: WirePointDetail }>('GET', `/v1/points/${result.point_id}`);
  return point;
}

/** Status of the instance whenever a snapshot is made. */
function watchSnapshots(id: string): string[] {
  const seen: string[] = [];
  service.hooks.rbd.createSnapshot = async (at, name) => {
    seen.push(await statusOf(id));
    await service.real.rbd.createSnapshot(at, name);
    seen.push(await statusOf(id));
  };
  return seen;
}

async function notes(job: WireJob): Promise<string> {
  const events = await service.drivers.catalog.events.since(job.id);
  return events.map(({ data }) => JSON.stringify(data)).join('\n');
}

for (const zone of ['fake', 'libvirt'] as const) {
  test(`an instance on the ${zone} host stands still while its snapshots are taken`, async (t) => {
    const id = instances[zone];
    const seen = watchSnapshots(id);
    const job = await service.backup({ instance: id }, { consistency: 'paused' });
    assert.deepEqual(seen, ['PAUSED', 'PAUSED', 'PAUSED', 'PAUSED']);
    assert.equal(await statusOf(id), 'ACTIVE');
    const { consistency, paused_ms: pausedMs, spread_ms: spreadMs } = await pointOf(job);
    assert.equal(consistency, 'paused');
    assert.ok(pausedMs !== null && pausedMs > 0 && pausedMs >= spreadMs, `${pausedMs} ms`);
    t.diagnostic(`paused for ${pausedMs} ms, snapshots within ${spreadMs} ms`);
    assert.match(await notes(job), /was paused for \d+ ms/);
  });
}

test('without being asked for nothing is paused', async () => {
  const seen = watchSnapshots(instances.libvirt);
  const job = await service.backup({ instance: instances.libvirt });
  assert.deepEqual(new Set(seen), new Set(['ACTIVE']));
  const { consistency, paused_ms: pausedMs } = await pointOf(job);
  assert.deepEqual([consistency, pausedMs], ['crash', null]);
});

test('an instance that was paused already stays paused', async () => {
  const id = instances.libvirt;
  const { nova } = scratch.owner();
  await nova.pauseServer(id);
  await nova.waitForServer(id, 'PAUSED', patience);
  try {
    const job = await service.backup({ instance: id }, { consistency: 'paused' });
    assert.equal(await statusOf(id), 'PAUSED');
    const { consistency, paused_ms: pausedMs } = await pointOf(job);
    assert.deepEqual([consistency, pausedMs], ['paused', null]);
    assert.match(await notes(job), /paused already and stays so/);
  } finally {
    await nova.unpauseServer(id);
    await nova.waitForServer(id, 'ACTIVE', patience);
  }
});

test('an instance that is shut off gives a crash consistent point, and the job says so', async () => {
  const id = instances.fake;
  const { nova } = scratch.owner();
  await nova.stopServer(id);
  await nova.waitForServer(id, 'SHUTOFF', patience);
  try {
    const job = await service.backup({ instance: id }, { consistency: 'paused' });
    assert.equal((await pointOf(job)).consistency, 'crash');
    assert.match(await notes(job), /is SHUTOFF, so it was not paused: the point is crash consistent/);
    assert.equal(await statusOf(id), 'SHUTOFF');
  } finally {
    await nova.startServer(id);
    await nova.waitForServer(id, 'ACTIVE', patience);
  }
});

test('a snapshot that fails leaves the guest running and no snapshot', async () => {
  const id = instances.libvirt;
  const before = await Promise.all(libvirtDisks.map((disk) => listSnapshots(`volumes/volume-${disk}`)));
  let calls = 0;
  service.hooks.rbd.createSnapshot = async (at, name) => {
    calls += 1;
    if (calls === 2) throw new AppError('CEPH_FULL', 'says the test');
    await service.real.rbd.createSnapshot(at, name);
  };
  const { jobs } = await service.call<{ jobs: [WireJob] }>('POST', '/v1/backups', {
    target: { instance: id },
    consistency: 'paused',
  });
  const job = await service.ended(jobs[0].id);
  assert.equal(job.error?.type, 'CEPH_FULL');
  assert.equal(await statusOf(id), 'ACTIVE');
  const left = await Promise.all(libvirtDisks.map((disk) => listSnapshots(`volumes/volume-${disk}`)));
  assert.deepEqual(left, before);
});

test('a guest that somebody lets run in between is not called paused', async () => {
  const id = instances.libvirt;
  const { nova } = scratch.owner();
  let done: Promise<unknown> | undefined;
  service.hooks.rbd.createSnapshot = async (at, name) => {
    done ??= nova.unpauseServer(id).then(() => nova.waitForServer(id, 'ACTIVE', patience));
    await done;
    await service.real.rbd.createSnapshot(at, name);
  };
  const job = await service.backup({ instance: id }, { consistency: 'paused' });
  assert.equal((await pointOf(job)).consistency, 'crash');
  assert.match(await notes(job), /unpaused by somebody else/);
  assert.equal(await statusOf(id), 'ACTIVE');
});

test('only instances can be paused', async () => {
  await assert.rejects(
    service.call('POST', '/v1/backups', { target: { volume: 'any' }, consistency: 'paused' }),
    (error) => error instanceof ApiFailure && error.body.error.type === 'INPUT_CONSISTENCY',
  );
});
