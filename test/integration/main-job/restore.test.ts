/** The modes volume and replace as their users want them. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import { ApiFailure } from '../../support/service.ts';
import { openCloud, patience } from '../../support/devcloud.ts';
import { listSnapshots, volumeSha256 } from '../../support/rbd-image.ts';
import { imageOf, openRestoreScene, type RestoreScene } from './restore-scene.ts';

let scene: RestoreScene;

before(async () => {
  scene = await openRestoreScene('rest');
});
afterEach(() => {
  scene.service.clear();
});
after(() => scene.close());

test('mode volume: a volume like the recorded one, which its owner may use and delete', async () => {
  const { result } = await scene.service.restore({ point: { id: scene.pointId }, mode: 'volume' });
  const { cinder } = scene.scratch.owner();
  const pairs = [scene.rootId, scene.dataId].map((id) => ({
    id,
    restored: result.disks.find(({ disk_key: key }) => key === `volume:${id}`),
  }));
  for (const { id, restored } of pairs) {
    assert.ok(restored?.new_volume_id);
    const [was, is] = await Promise.all([cinder.getVolume(id), cinder.getVolume(restored.new_volume_id)]);
    assert.equal(is.status, 'available');
    assert.equal(is.description.projectId, scene.scratch.projectId());
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
  assert.equal(await volumeSha256(imageOf(data ?? '')), scene.sha256);
  assert.deepEqual(await scene.scratch.freshImages(result.restore_id), []);
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

test('mode replace: the new volume hangs where the old one did, which is kept', async () => {
  const before = await scene.attached();
  const { result } = await scene.service.restore({ point: { id: scene.pointId }, mode: 'replace' });
  const [disk, ...others] = result.disks;
  assert.ok(disk?.new_volume_id);
  assert.deepEqual(others, []);
  assert.equal(disk.replaced_volume_id, before.volumeId);
  assert.deepEqual(await scene.attached(), { ...before, volumeId: disk.new_volume_id });
  assert.equal(await volumeSha256(imageOf(disk.new_volume_id)), scene.sha256);
  const kept = await scene.scratch.owner().cinder.getVolume(before.volumeId);
  assert.equal(kept.status, 'available');
});

test('mode replace: a root disk is refused before anything is done', async () => {
  const before = await scene.volumeIds();
  const request = { point: { id: scene.pointId }, mode: 'replace', disks: [scene.rootId] };
  await assert.rejects(
    scene.service.call('POST', '/v1/restores', request),
    (error) => error instanceof ApiFailure && error.body.error.type === 'INPUT_ROOT_DISK',
  );
  assert.deepEqual(await scene.volumeIds(), before);
});

test('an attachment that fails gives the instance its old volume back and leaves nothing', async () => {
  const [before, volumes] = [await scene.attached(), await scene.volumeIds()];
  const refused: string[] = [];
  scene.service.hooks.attachments.attach = async (instanceId, request, wait) => {
    if (request.volumeId !== before.volumeId) {
      refused.push(request.volumeId);
      throw new AppError('OPENSTACK_ATTACH_FAILED', 'says the test');
    }
    const { attachments } = scene.service.real.openstack.inProject(scene.scratch.projectId());
    return await attachments.attach(instanceId, request, wait);
  };
  const { restore, job } = await scene.service.failedRestore({
    point: { id: scene.pointId },
    mode: 'replace',
  });
  assert.equal(job.error?.type, 'OPENSTACK_ATTACH_FAILED');
  assert.equal(refused.length, 1);
  await scene.assertAsBefore(restore.id, before, volumes);
});
