/** Undo of restores that succeeded, in place and by replacement, and its end. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { holdImageOpen, headSha256 } from '../../support/rbd-image.ts';
import { imageOf, InPlaceScene } from './in-place-scene.ts';

let scene: InPlaceScene;

before(async () => {
  scene = await InPlaceScene.open('inpl-undo');
});
afterEach(() => {
  scene.service.clear();
});
after(async () => {
  await scene.close();
});

test('an undo that fails leaves the restored state, and can be asked for again', async () => {
  const { id, rootId, dataId } = await scene.instance();
  const point = [await scene.fill(rootId, 12), await scene.fill(dataId, 13)];
  const { result: backup } = await scene.service.backup({ instance: id });
  const later = [await scene.fill(rootId, 14), await scene.fill(dataId, 15)];
  const view = await scene.view(id);
  const { result } = await scene.restore(backup.point_id);
  let calls = 0;
  scene.service.hooks.rbd.renameImage = async (from, to) => {
    calls += 1;
    if (calls === 3) throw new Error('says the test');
    await scene.service.real.rbd.renameImage(from, to);
  };
  assert.equal((await scene.endedUndo(result.restore_id)).error?.message, 'says the test');
  scene.service.clear();
  assert.deepEqual(await scene.view(id), view);
  assert.deepEqual([await headSha256(imageOf(rootId)), await headSha256(imageOf(dataId))], point);
  await scene.undo(result.restore_id);
  assert.deepEqual([await headSha256(imageOf(rootId)), await headSha256(imageOf(dataId))], later);
});

test('restores in place are undone newest first, by whoever may restore', async () => {
  const id = await scene.scratch.volume();
  const { result: backup } = await scene.service.backup({ volume: id });
  const shas = [await scene.fill(id, 16)];
  const { result: first } = await scene.restore(backup.point_id);
  shas.push(await scene.fill(id, 17));
  const { result: second } = await scene.restore(backup.point_id);
  await scene.refusedUndo(first.restore_id, 'CONFLICT_LATER_RESTORE');
  await scene.refusedUndo(second.restore_id, 'NOTFOUND_RESOURCE', 'devcloud-other');
  await scene.refusedUndo(second.restore_id, 'FORBIDDEN_ROLE', 'devcloud-reader');
  await scene.undo(second.restore_id);
  assert.equal(await headSha256(imageOf(id)), shas[1]);
  await scene.undo(first.restore_id);
  assert.equal(await headSha256(imageOf(id)), shas[0]);
});

test('when its time is over the kept image goes with the next backup, unless it is open or not marked', async () => {
  const id = await scene.scratch.volume();
  const { result: backup } = await scene.service.backup({ volume: id });
  const { result } = await scene.restore(backup.point_id);
  await scene.service.drivers.catalog.transaction(async (tx) => {
    await tx.sql.raw(`update emberkeep.restores set undo_until = now() - interval '1 second' where id = ?`, [
      result.restore_id,
    ]);
  });
  await scene.refusedUndo(result.restore_id, 'CONFLICT_UNDO_EXPIRED');
  const [kept = ''] = await scene.ofRestore(result.restore_id);
  const close = await holdImageOpen(kept);
  await scene.service.backup({ volume: id });
  assert.deepEqual(await scene.ofRestore(result.restore_id), [kept]);
  await close();
  await scene.service.backup({ volume: id });
  assert.deepEqual(await scene.ofRestore(result.restore_id), []);
  assert.equal((await scene.show(result.restore_id)).undo_until, null);
});

test('mode replace is undone: the old volume hangs in its place again, the new one is gone', async () => {
  const { id, dataId } = await scene.instance();
  const { result: backup } = await scene.service.backup({ instance: id });
  const view = await scene.view(id);
  for (const isKept of [false, true]) {
    const { result } = await scene.service.restore({ point: { id: backup.point_id }, mode: 'replace' });
    const newVolumeId = result.disks[0]?.new_volume_id ?? '';
    const snapshotId = isKept ? await scene.snapshot(newVolumeId) : undefined;
    const job = await scene.undo(result.restore_id);
    const now = await scene.view(id);
    assert.deepEqual(now.attachments, view.attachments);
    assert.ok(now.attachments.some(({ volumeId }) => volumeId === dataId));
    assert.equal((await scene.show(result.restore_id)).state, 'undone');
    const left = (await scene.scratch.volumes()).filter((volume) => volume.id === newVolumeId);
    assert.equal(left.length, isKept ? 1 : 0);
    if (snapshotId === undefined) continue;
    assert.match(JSON.stringify(job.result?.['notes']), /is kept: it has snapshot/);
    await scene.deleteSnapshot(newVolumeId, snapshotId);
  }
});

test('only what changed something and succeeded can be undone', async () => {
  const id = await scene.scratch.volume();
  const { result: backup } = await scene.service.backup({ volume: id });
  const { result } = await scene.service.restore({ point: { id: backup.point_id }, mode: 'image' });
  scene.restored.push(result.restore_id);
  await scene.refusedUndo(result.restore_id, 'INPUT_NOTHING_TO_UNDO');
  await scene.refusedUndo('6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f', 'NOTFOUND_RESOURCE');
  const close = await holdImageOpen(imageOf(id));
  const { restore } = await scene.service
    .failedRestore({ point: { id: backup.point_id }, mode: 'in-place' })
    .finally(close);
  await scene.refusedUndo(restore.id, 'CONFLICT_NOT_RESTORED');
});
