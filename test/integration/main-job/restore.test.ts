import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import type { WireRestore } from '../../../src/entry/cli/wire.ts';
import { changeImage, imageInfo, volumeSha256, listSnapshots } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { ApiFailure } from '../../support/service.ts';
import { openCloud, patience } from '../../support/devcloud.ts';

const mib = 1024 * 1024;
const gib = 1024 * mib;

let scratch: ScratchCloud;
let service: FaultyService;
let serverId: string;
let rootId: string;
let dataId: string;
let pointId: string;
/** Content of the data volume at the point. */
let sha256: string;

before(async () => {
  scratch = await ScratchCloud.open('rest');
  service = await startFaultyService();
  [rootId, dataId] = await Promise.all([scratch.volume({ bootable: true }), scratch.volume()]);
  const { cinder } = scratch.owner();
  // Live detachment without an operating system in the guest needs this bus.
  await cinder.setImageMetadata(rootId, { hw_disk_bus: 'scsi', hw_scsi_model: 'virtio-scsi' });
  await changeImage(imageOf(dataId), [{ kind: 'write', offset: mib, length: 2 * mib, seed: 1 }]);
  serverId = await scratch.instance({
    // Nova's fake driver knows no tags.
    zone: 'libvirt',
    disks: [{ volumeId: rootId }, { volumeId: dataId, tag: 'data', deleteOnTermination: true }],
  });
  const { result } = await service.backup({ instance: serverId });
  pointId = result.point_id;
  sha256 = await volumeSha256(imageOf(dataId));
  // Everything that is restored below must come from the point.
  await changeImage(imageOf(dataId), [{ kind: 'write', offset: 0, length: 4 * mib, seed: 2 }]);
});
afterEach(() => {
  service.clear();
});
after(async () => {
  await service.stop();
  await scratch.close();
});

function imageOf(volumeId: string, pool = 'volumes'): string {
  return `${pool}/volume-${volumeId}`;
}

async function volumeIds(): Promise<string[]> {
  return (await scratch.volumes()).map(({ id }) => id).toSorted();
}

/** The data volume that is on the instance now. */
async function attached(instanceId = serverId): Promise<{
  volumeId: string;
  device: string | undefined;
  tag: string | undefined;
  deleteOnTermination: boolean;
}> {
  const { nova } = scratch.owner();
  const rows = await nova.describeAttachments(await nova.getServer(instanceId));
  const [data, ...others] = rows.filter(({ attachment }) => !attachment.isRoot);
  assert.ok(data);
  assert.deepEqual(others, []);
  const { device, tag, deleteOnTermination } = data.attachment;
  return { volumeId: data.volumeId, device, tag, deleteOnTermination };
}

test('mode volume: a volume like the recorded one, which its owner may use and delete', async () => {
  const { result } = await service.restore({ point: { id: pointId }, mode: 'volume' });
  const { cinder } = scratch.owner();
  const pairs = [rootId, dataId].map((id) => ({
    id,
    restored: result.disks.find(({ disk_key: key }) => key === `volume:${id}`),
  }));
  for (const { id, restored } of pairs) {
    assert.ok(restored?.new_volume_id);
    const [was, is] = await Promise.all([cinder.getVolume(id), cinder.getVolume(restored.new_volume_id)]);
    assert.equal(is.status, 'available');
    assert.equal(is.description.projectId, scratch.projectId());
    assert.equal(is.description.volumeType, 'ceph');
    assert.equal(is.description.sizeGib, 1);
    assert.equal(is.description.bootable, was.description.bootable);
    assert.deepEqual(is.description.imageMetadata, was.description.imageMetadata);
    assert.match(is.description.name, new RegExp(`^${was.description.name}-\\d{8}T\\d{4}$`));
    assert.equal(restored.image, imageOf(restored.new_volume_id));
    assert.deepEqual(restored.notes, []);
    assert.deepEqual(await listSnapshots(restored.image), []);
  }
  const [root, data] = pairs.map(({ restored }) => restored?.new_volume_id ?? '');
  assert.equal(await volumeSha256(imageOf(data ?? '')), sha256);
  assert.deepEqual(await scratch.freshImages(result.restore_id), []);
  const tenant = openCloud('devcloud-tenant');
  try {
    for (const id of [root ?? '', data ?? '']) {
      await tenant.cinder.deleteVolume(id);
      await tenant.cinder.waitForVolumeGone(id, patience);
    }
  } finally {
    tenant.close();
  }
});

test('mode volume: a name of its own, and a volume that was extended comes back in the size of the point', async () => {
  const id = await scratch.volume({ type: 'ceph-backups' });
  await changeImage(imageOf(id, 'backups'), [{ kind: 'resize', sizeBytes: 1.5 * gib + 512 }]);
  const { result } = await service.backup({ volume: id });
  const name = scratch.name('given');
  const restored = await service.restore({ point: { id: result.point_id }, mode: 'volume', name });
  const [disk] = restored.result.disks;
  assert.ok(disk?.new_volume_id);
  const { description } = await scratch.owner().cinder.getVolume(disk.new_volume_id);
  assert.deepEqual(
    [description.name, description.sizeGib, description.volumeType],
    [name, 2, 'ceph-backups'],
  );
  assert.equal((await imageInfo(imageOf(disk.new_volume_id, 'backups'))).size, 2 * gib);
});

test('mode replace: the new volume hangs where the old one did, which is kept', async () => {
  const before = await attached();
  const { result } = await service.restore({ point: { id: pointId }, mode: 'replace' });
  const [disk, ...others] = result.disks;
  assert.ok(disk?.new_volume_id);
  assert.deepEqual(others, []);
  assert.equal(disk.replaced_volume_id, before.volumeId);
  assert.deepEqual(await attached(), { ...before, volumeId: disk.new_volume_id });
  assert.equal(await volumeSha256(imageOf(disk.new_volume_id)), sha256);
  const kept = await scratch.owner().cinder.getVolume(before.volumeId);
  assert.equal(kept.status, 'available');
});

test('mode replace: on an instance that is shut off', async () => {
  const { nova } = scratch.owner();
  await nova.stopServer(serverId);
  await nova.waitForServer(serverId, 'SHUTOFF', patience);
  try {
    const { result } = await service.restore({ point: { id: pointId }, mode: 'replace' });
    assert.equal((await attached()).volumeId, result.disks[0]?.new_volume_id);
    assert.equal((await nova.getServer(serverId)).state.status, 'SHUTOFF');
  } finally {
    await nova.startServer(serverId);
    await nova.waitForServer(serverId, 'ACTIVE', patience);
  }
});

test('mode replace: on a host of the fake driver, and the volume of the second restore takes that of the first', async () => {
  const disks = await Promise.all([scratch.volume({ bootable: true }), scratch.volume()]);
  const id = await scratch.instance({
    disks: disks.map((volumeId) => ({ volumeId, deleteOnTermination: true })),
  });
  const { result } = await service.backup({ instance: id });
  for (let round = 0; round < 2; round++) {
    const before = await attached(id);
    const restored = await service.restore({ point: { id: result.point_id }, mode: 'replace' });
    const [disk] = restored.result.disks;
    assert.ok(disk?.new_volume_id);
    assert.deepEqual(await attached(id), { ...before, volumeId: disk.new_volume_id });
    assert.equal((await scratch.owner().cinder.getVolume(before.volumeId)).status, 'available');
  }
});

test('mode replace: a root disk is refused before anything is done', async () => {
  const before = await volumeIds();
  const request = { point: { id: pointId }, mode: 'replace', disks: [rootId] };
  await assert.rejects(
    service.call('POST', '/v1/restores', request),
    (error) => error instanceof ApiFailure && error.body.error.type === 'INPUT_ROOT_DISK',
  );
  assert.deepEqual(await volumeIds(), before);
});

test('a volume type that is gone is replaced by that of the backups pool, and the result says so', async () => {
  const service_ = scratch.admin.keystone.service('block-storage');
  const name = scratch.name('type');
  const made = await service_.request({
    method: 'POST',
    path: '/types',
    body: { volume_type: { name, extra_specs: { volume_backend_name: 'ceph' } } },
    expected: [200],
  });
  const { volume_type: type } = made.body as { volume_type: { id: string } };
  const { cinder } = scratch.owner();
  const { description } = await cinder.createVolume({
    name: scratch.name('typed'),
    sizeGib: 1,
    volumeType: name,
  });
  await cinder.waitForVolume(description.id, ['available'], patience);
  const { result } = await service.backup({ volume: description.id });
  await cinder.deleteVolume(description.id);
  await cinder.waitForVolumeGone(description.id, patience);
  await service_.request({ method: 'DELETE', path: `/types/${type.id}`, expected: [202] });
  const restored = await service.restore({ point: { id: result.point_id }, mode: 'volume' });
  const [disk] = restored.result.disks;
  assert.equal(disk?.new_volume_type, 'ceph-backups');
  assert.match(
    disk.notes.join(),
    new RegExp(`${name} on .* cannot be had; the volume is of type ceph-backups`),
  );
});

test('an attachment that fails gives the instance its old volume back and leaves nothing', async () => {
  const [before, volumes] = [await attached(), await volumeIds()];
  const refused: string[] = [];
  service.hooks.attachments.attach = async (instanceId, request, wait) => {
    if (request.volumeId !== before.volumeId) {
      refused.push(request.volumeId);
      throw new AppError('OPENSTACK_ATTACH_FAILED', 'says the test');
    }
    const { attachments } = service.real.openstack.inProject(scratch.projectId());
    return await attachments.attach(instanceId, request, wait);
  };
  const { restore, job } = await service.failedRestore({ point: { id: pointId }, mode: 'replace' });
  assert.equal(job.error?.type, 'OPENSTACK_ATTACH_FAILED');
  assert.equal(refused.length, 1);
  await assertAsBefore(restore.id, before, volumes);
});

async function assertAsBefore(
  restoreId: string,
  before: Awaited<ReturnType<typeof attached>>,
  volumes: string[],
): Promise<void> {
  assert.deepEqual(await attached(), before);
  assert.deepEqual(await volumeIds(), volumes);
  assert.deepEqual(await scratch.freshImages(restoreId), []);
}

test('a new volume that somebody deletes before it is attached: the same', async () => {
  const [before, volumes] = [await attached(), await volumeIds()];
  service.hooks.attachments.attach = async (instanceId, request, wait) => {
    const { attachments, cinder } = service.real.openstack.inProject(scratch.projectId());
    if (request.volumeId !== before.volumeId) {
      await cinder.deleteVolume(request.volumeId);
      await cinder.waitForVolumeGone(request.volumeId, patience);
    }
    return await attachments.attach(instanceId, request, wait);
  };
  const { restore, job } = await service.failedRestore({ point: { id: pointId }, mode: 'replace' });
  assert.match(job.error?.type ?? '', /^(NOTFOUND|OPENSTACK)_/);
  await assertAsBefore(restore.id, before, volumes);
});

/** Cancels the restore when `during` is called, and lets the call go on. */
async function cancelDuring(during: 'importDiff' | 'attach'): Promise<void> {
  const [before, volumes] = [await attached(), await volumeIds()];
  const reached = Promise.withResolvers<undefined>();
  const cancelled = Promise.withResolvers<undefined>();
  const pause = async (): Promise<void> => {
    reached.resolve(undefined);
    await cancelled.promise;
  };
  service.hooks.rbd.importDiff = async (at, stream, options) => {
    if (during === 'importDiff') await pause();
    await service.real.rbd.importDiff(at, stream, options);
  };
  service.hooks.attachments.attach = async (instanceId, request, wait) => {
    if (during === 'attach' && request.volumeId !== before.volumeId) await pause();
    const { attachments } = service.real.openstack.inProject(scratch.projectId());
    return await attachments.attach(instanceId, request, wait);
  };
  const { restore } = await service.call<{ restore: WireRestore }>('POST', '/v1/restores', {
    point: { id: pointId },
    mode: 'replace',
  });
  await reached.promise;
  await service.call('POST', `/v1/jobs/${restore.job_id}/cancel`);
  cancelled.resolve(undefined);
  assert.equal((await service.ended(restore.job_id)).state, 'cancelled');
  service.clear();
  await assertAsBefore(restore.id, before, volumes);
}

test('a restore that is cancelled during its import leaves nothing', () => cancelDuring('importDiff'));

test('a restore that is cancelled during its attachment leaves all as it was', () => cancelDuring('attach'));
