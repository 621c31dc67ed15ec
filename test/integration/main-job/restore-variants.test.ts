/** The modes volume and replace in other states of instances and volumes, and stopped in the middle. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { WireRestore } from '../../../src/entry/cli/wire.ts';
import { changeImage, imageInfo } from '../../support/rbd-image.ts';
import { patience } from '../../support/devcloud.ts';
import { imageOf, openRestoreScene, type RestoreScene } from './restore-scene.ts';

const gib = 1024 ** 3;

let scene: RestoreScene;

before(async () => {
  scene = await openRestoreScene('rest-var');
});
afterEach(() => {
  scene.service.clear();
});
after(() => scene.close());

test('mode volume: a name of its own, and a volume that was extended comes back in the size of the point', async () => {
  const id = await scene.scratch.volume({ type: 'ceph-backups' });
  await changeImage(imageOf(id, 'backups'), [{ kind: 'resize', sizeBytes: 1.5 * gib + 512 }]);
  const { result } = await scene.service.backup({ volume: id });
  const name = scene.scratch.name('given');
  const restored = await scene.service.restore({ point: { id: result.point_id }, mode: 'volume', name });
  const [disk] = restored.result.disks;
  assert.ok(disk?.new_volume_id);
  const { description } = await scene.scratch.owner().cinder.getVolume(disk.new_volume_id);
  assert.deepEqual(
    [description.name, description.sizeGib, description.volumeType],
    [name, 2, 'ceph-backups'],
  );
  assert.equal((await imageInfo(imageOf(disk.new_volume_id, 'backups'))).size, 2 * gib);
});

test('mode replace: on an instance that is shut off', async () => {
  const { nova } = scene.scratch.owner();
  await nova.stopServer(scene.serverId);
  await nova.waitForServer(scene.serverId, 'SHUTOFF', patience);
  try {
    const { result } = await scene.service.restore({ point: { id: scene.pointId }, mode: 'replace' });
    assert.equal((await scene.attached()).volumeId, result.disks[0]?.new_volume_id);
    assert.equal((await nova.getServer(scene.serverId)).state.status, 'SHUTOFF');
  } finally {
    await nova.startServer(scene.serverId);
    await nova.waitForServer(scene.serverId, 'ACTIVE', patience);
  }
});

test('mode replace: on a host of the fake driver, and the volume of the second restore takes that of the first', async () => {
  const disks = await Promise.all([scene.scratch.volume({ bootable: true }), scene.scratch.volume()]);
  const id = await scene.scratch.instance({
    disks: disks.map((volumeId) => ({ volumeId, deleteOnTermination: true })),
  });
  const { result } = await scene.service.backup({ instance: id });
  for (let round = 0; round < 2; round++) {
    const before = await scene.attached(id);
    const restored = await scene.service.restore({ point: { id: result.point_id }, mode: 'replace' });
    const [disk] = restored.result.disks;
    assert.ok(disk?.new_volume_id);
    assert.deepEqual(await scene.attached(id), { ...before, volumeId: disk.new_volume_id });
    assert.equal((await scene.scratch.owner().cinder.getVolume(before.volumeId)).status, 'available');
  }
});

test('a volume type that is gone is replaced by that of the backups pool, and the result says so', async () => {
  const service_ = scene.scratch.admin.keystone.service('block-storage');
  const name = scene.scratch.name('type');
  const made = await service_.request({
    method: 'POST',
    path: '/types',
    body: { volume_type: { name, extra_specs: { volume_backend_name: 'ceph' } } },
    expected: [200],
  });
  const { volume_type: type } = made.body as { volume_type: { id: string } };
  const { cinder } = scene.scratch.owner();
  const { description } = await cinder.createVolume({
    name: scene.scratch.name('typed'),
    sizeGib: 1,
    volumeType: name,
  });
  await cinder.waitForVolume(description.id, ['available'], patience);
  const { result } = await scene.service.backup({ volume: description.id });
  await cinder.deleteVolume(description.id);
  await cinder.waitForVolumeGone(description.id, patience);
  await service_.request({ method: 'DELETE', path: `/types/${type.id}`, expected: [202] });
  const restored = await scene.service.restore({ point: { id: result.point_id }, mode: 'volume' });
  const [disk] = restored.result.disks;
  assert.equal(disk?.new_volume_type, 'ceph-backups');
  assert.match(
    disk.notes.join(),
    new RegExp(`${name} on .* cannot be had; the volume is of type ceph-backups`),
  );
});

test('a new volume that somebody deletes before it is attached: the same', async () => {
  const [before, volumes] = [await scene.attached(), await scene.volumeIds()];
  scene.service.hooks.attachments.attach = async (instanceId, request, wait) => {
    const { attachments, cinder } = scene.service.real.openstack.inProject(scene.scratch.projectId());
    if (request.volumeId !== before.volumeId) {
      await cinder.deleteVolume(request.volumeId);
      await cinder.waitForVolumeGone(request.volumeId, patience);
    }
    return await attachments.attach(instanceId, request, wait);
  };
  const { restore, job } = await scene.service.failedRestore({
    point: { id: scene.pointId },
    mode: 'replace',
  });
  assert.match(job.error?.type ?? '', /^(NOTFOUND|OPENSTACK)_/);
  await scene.assertAsBefore(restore.id, before, volumes);
});

/** Cancels the restore when `during` is called, and lets the call go on. */
async function cancelDuring(during: 'importDiff' | 'attach'): Promise<void> {
  const [before, volumes] = [await scene.attached(), await scene.volumeIds()];
  const reached = Promise.withResolvers<undefined>();
  const cancelled = Promise.withResolvers<undefined>();
  const pause = async (): Promise<void> => {
    reached.resolve(undefined);
    await cancelled.promise;
  };
  scene.service.hooks.rbd.importDiff = async (at, stream, options) => {
    if (during === 'importDiff') await pause();
    await scene.service.real.rbd.importDiff(at, stream, options);
  };
  scene.service.hooks.attachments.attach = async (instanceId, request, wait) => {
    if (during === 'attach' && request.volumeId !== before.volumeId) await pause();
    const { attachments } = scene.service.real.openstack.inProject(scene.scratch.projectId());
    return await attachments.attach(instanceId, request, wait);
  };
  const { restore } = await scene.service.call<{ restore: WireRestore }>('POST', '/v1/restores', {
    point: { id: scene.pointId },
    mode: 'replace',
  });
  await reached.promise;
  await scene.service.call('POST', `/v1/jobs/${restore.job_id}/cancel`);
  cancelled.resolve(undefined);
  assert.equal((await scene.service.ended(restore.job_id)).state, 'cancelled');
  scene.service.clear();
  await scene.assertAsBefore(restore.id, before, volumes);
}

test('a restore that is cancelled during its import leaves nothing', () => cancelDuring('importDiff'));

test('a restore that is cancelled during its attachment leaves all as it was', () => cancelDuring('attach'));
