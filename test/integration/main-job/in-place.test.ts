/** Restores in place: what the cloud shows, what the disks hold, and what is refused untouched. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { patience } from '../../support/devcloud.ts';
import { changeImage, holdImageOpen, imageInfo, headSha256 } from '../../support/rbd-image.ts';
import { gib, imageOf, InPlaceScene, mib } from './in-place-scene.ts';

let scene: InPlaceScene;

before(async () => {
  scene = await InPlaceScene.open('inpl');
});
afterEach(() => {
  scene.service.clear();
});
after(async () => {
  await scene.close();
});

test('both disks of a running instance are the point again under their own ids, are undone, and go on', async () => {
  const { id, rootId, dataId } = await scene.instance();
  const point = [await scene.fill(rootId, 1), await scene.fill(dataId, 2)];
  const { result: backup } = await scene.service.backup({ instance: id });
  const later = [await scene.fill(rootId, 3), await scene.fill(dataId, 4)];
  const view = await scene.view(id);
  const ids = await Promise.all([rootId, dataId].map(async (each) => (await imageInfo(imageOf(each))).id));

  const { result } = await scene.restore(backup.point_id);
  assert.deepEqual(await scene.view(id), view, 'Nova and Cinder show the same');
  for (const [index, volumeId] of [rootId, dataId].entries()) {
    assert.equal(await headSha256(imageOf(volumeId)), point[index]);
    assert.notEqual((await imageInfo(imageOf(volumeId))).id, ids[index]);
    const kept = result.disks[index]?.kept_image ?? '';
    assert.equal(kept, `volumes/emberkeep-undo-${result.restore_id}-${index}`);
    assert.equal(await headSha256(kept), later[index]);
    assert.equal((await imageInfo(kept)).id, ids[index]);
  }
  assert.equal((await scene.ofRestore(result.restore_id)).length, 2, 'the kept images only');
  const shown = await scene.show(result.restore_id);
  const days = (Date.parse(shown.undo_until ?? '') - Date.parse(shown.finished_at ?? '')) / 86_400_000;
  assert.ok(days > 6.9 && days < 7.1, `${days}`);

  const again = await scene.service.backup({ instance: id });
  for (const disk of again.result.disks) {
    assert.equal(disk.kind, 'full');
    assert.match(disk.full_reason ?? '', /the image has another id/);
  }

  await scene.undo(result.restore_id);
  assert.deepEqual(await scene.view(id), view);
  for (const [index, volumeId] of [rootId, dataId].entries()) {
    assert.equal(await headSha256(imageOf(volumeId)), later[index]);
    assert.equal((await imageInfo(imageOf(volumeId))).id, ids[index]);
  }
  assert.deepEqual(await scene.ofRestore(result.restore_id), [], 'nothing is left of it');
  const undone = await scene.show(result.restore_id);
  assert.deepEqual([undone.state, undone.undo_until], ['undone', null]);
  await scene.refusedUndo(result.restore_id, 'CONFLICT_UNDONE');
});

test('an instance that is shut off stays so, and is locked for its owner afterwards only when it was', async () => {
  const { id, dataId } = await scene.instance();
  const sha256 = await scene.fill(dataId, 5);
  const { result } = await scene.service.backup({ instance: id });
  await scene.fill(dataId, 6);
  const { nova } = scene.scratch.owner();
  await nova.stopServer(id);
  await nova.waitForServer(id, 'SHUTOFF', patience);
  await nova.lockServer(id, 'by its owner');
  await scene.restore(result.point_id, [dataId]);
  assert.equal(await headSha256(imageOf(dataId)), sha256);
  const { state } = await nova.getServer(id);
  assert.deepEqual([state.status, state.locked], ['SHUTOFF', true]);
  await nova.unlockServer(id);
});

test('a lone volume that was extended keeps its size, and so does what its undo brings back', async () => {
  const id = await scene.scratch.volume();
  const sha256 = await scene.fill(id, 7);
  const { result } = await scene.service.backup({ volume: id });
  await scene.fill(id, 8);
  await scene.extend(id, 2);
  const { result: first } = await scene.restore(result.point_id);
  assert.match(first.disks[0]?.notes.join() ?? '', /extended since/);
  assert.equal((await imageInfo(imageOf(id))).size, 2 * gib);
  await changeImage(imageOf(id), [{ kind: 'resize', sizeBytes: gib }]);
  assert.equal(await headSha256(imageOf(id)), sha256);
  await scene.extend(id, 3);
  await scene.undo(first.restore_id);
  assert.equal((await imageInfo(imageOf(id))).size, 3 * gib);
});

test('a volume that is smaller than the point, or open, or gone, or attached is refused untouched', async () => {
  const id = await scene.scratch.volume();
  await changeImage(imageOf(id), [{ kind: 'resize', sizeBytes: gib + mib }]);
  const { result } = await scene.service.backup({ volume: id });
  await changeImage(imageOf(id), [{ kind: 'resize', sizeBytes: gib }]);
  await scene.failedRestore(result.point_id, 'CONFLICT_DISK_SIZE');
  await scene.extend(id, 2);

  const close = await holdImageOpen(imageOf(id));
  await scene.failedRestore(result.point_id, 'CONFLICT_IMAGE_IN_USE').finally(close);

  const instanceId = await scene.scratch.instance({
    disks: [{ volumeId: await scene.scratch.volume({ bootable: true }) }, { volumeId: id }],
  });
  const attached = await scene.failedRestore(result.point_id, 'CONFLICT_DISK_BUSY');
  assert.match(attached.error?.message ?? '', new RegExp(`is attached to instance ${instanceId}`));
  assert.equal((await scene.scratch.owner().nova.getServer(instanceId)).state.status, 'ACTIVE');

  const gone = await scene.scratch.volume();
  const point = await scene.service.backup({ volume: gone });
  await scene.scratch.owner().cinder.deleteVolume(gone);
  await scene.scratch.owner().cinder.waitForVolumeGone(gone, patience);
  await scene.failedRestore(point.result.point_id, 'CONFLICT_DISK_GONE');
});

test('the undo of a swap is refused while the restored image has dependents, and says which', async () => {
  const id = await scene.scratch.volume();
  const { result } = await scene.service.backup({ volume: id });
  const { result: then } = await scene.restore(result.point_id);
  const after = await scene.snapshot(id);
  const clone = await scene.clone(after);
  const { error } = await scene.endedUndo(then.restore_id);
  assert.equal(error?.type, 'CONFLICT_DISK_DEPENDENTS');
  const dependents = `snapshot ${scene.scratch.prefix}-snapshot-\\d+ of Cinder's, clone volumes/volume-${clone}`;
  assert.match(error.message, new RegExp(`${dependents} would be torn off .* delete them, then undo again`));
  await scene.deleteVolume(clone);
  await scene.deleteSnapshot(id, after);
  await scene.undo(then.restore_id);
});

test('a renaming that fails puts everything back and starts the instance', async () => {
  const { id, rootId, dataId } = await scene.instance();
  const { result } = await scene.service.backup({ instance: id });
  const now = [await scene.fill(rootId, 10), await scene.fill(dataId, 11)];
  const view = await scene.view(id);
  for (const failing of [1, 2, 4]) {
    let calls = 0;
    scene.service.hooks.rbd.renameImage = async (from, to) => {
      calls += 1;
      if (calls === failing) throw new Error('says the test');
      await scene.service.real.rbd.renameImage(from, to);
    };
    await scene.failedRestore(result.point_id, 'BUG_UNEXPECTED');
    scene.service.clear();
    assert.deepEqual(await scene.view(id), view);
    assert.deepEqual(
      [await headSha256(imageOf(rootId)), await headSha256(imageOf(dataId))],
      now,
      `renaming ${failing}`,
    );
  }
});
