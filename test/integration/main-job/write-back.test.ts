/** Restores in place of disks on whose images something hangs: the bytes go back into the image, and so does their undo. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { changeImage, imageInfo, listSnapshots, listTrash, rangeSha256 } from '../../support/rbd-image.ts';
import { imageOf, InPlaceScene, mib } from './in-place-scene.ts';

const read = 12 * mib;

let scene: InPlaceScene;

before(async () => {
  scene = await InPlaceScene.open('wrback');
});
afterEach(() => {
  scene.service.clear();
});
after(async () => {
  await scene.close();
});

/** Bytes that differ in every way from those of another seed: other data, data for zeros, zeros for data. */
async function scatter(volumeId: string, seed: number): Promise<string> {
  const shift = (seed % 2) * mib;
  await changeImage(imageOf(volumeId), [
    { kind: 'discard', offset: mib, length: read - mib },
    { kind: 'write', offset: 0, length: 300_000, seed },
    { kind: 'write', offset: 2 * mib + shift + 12_345, length: 200_000, seed },
    { kind: 'write', offset: 5 * mib + 3 * shift, length: mib + 4096, seed },
  ]);
  return await sha256Of(volumeId);
}

function sha256Of(volumeId: string): Promise<string> {
  return rangeSha256(imageOf(volumeId), 0, read);
}

async function namesOf(volumeId: string): Promise<string[]> {
  return (await listSnapshots(imageOf(volumeId))).map(({ name }) => name).toSorted();
}

async function idOf(volumeId: string): Promise<string> {
  return (await imageInfo(imageOf(volumeId))).id;
}

test('one disk written back, one swapped: Cinder’s snapshot and its clone stay, backups go on, and it is undone', async () => {
  const { id, rootId, dataId } = await scene.instance();
  const atSnapshot = await scatter(rootId, 20);
  const snapshotId = await scene.snapshot(rootId);
  const snapshot = `${imageOf(rootId)}@snapshot-${snapshotId}`;
  const cloneId = await scene.clone(snapshotId);
  const point = [await scatter(rootId, 21), await scatter(dataId, 22)];
  const { result: backup } = await scene.service.backup({ instance: id });
  const later = [await scatter(rootId, 24), await scatter(dataId, 23)];
  const [view, rootImage] = [await scene.view(id), await idOf(rootId)];
  const before = await namesOf(rootId);
  const contents = async (): Promise<string[]> => [await sha256Of(rootId), await sha256Of(dataId)];
  const intact = async (when: string): Promise<void> => {
    assert.equal(await rangeSha256(snapshot, 0, read), atSnapshot, `the snapshot ${when}`);
    assert.equal(await sha256Of(cloneId), atSnapshot, `the clone ${when}`);
    assert.deepEqual(await scene.view(id), view, `Nova and Cinder show the same ${when}`);
    assert.equal(await idOf(rootId), rootImage, when);
  };

  const { result } = await scene.restore(backup.point_id);
  assert.deepEqual(await contents(), point);
  await intact('after the restore');
  const root = result.disks.find(({ disk_key: key }) => key === `volume:${rootId}`);
  const [, safety = ''] = root?.kept_snapshot?.split('@') ?? [];
  assert.match(safety, new RegExp(`^backup\\.${result.restore_id}\\.snap\\.\\d+$`));
  assert.match(root?.notes.join() ?? '', /written back into its own image, on which there is snapshot/);
  assert.equal(await rangeSha256(root?.kept_snapshot ?? '', 0, read), later[0], 'what was there is kept');
  assert.deepEqual(await namesOf(rootId), [...before, safety].toSorted());
  assert.equal(
    (await scene.ofRestore(result.restore_id)).length,
    1,
    'the kept image of the other disk alone',
  );

  const { result: next } = await scene.service.backup({ instance: id });
  const kinds = new Map(next.disks.map((disk) => [disk.disk_key, disk.kind]));
  assert.equal(kinds.get(`volume:${rootId}`), 'increment', 'its chain goes on');
  assert.equal(kinds.get(`volume:${dataId}`), 'full');
  assert.ok((await namesOf(rootId)).includes(safety), 'I4: no backup takes it for its own');
  const { result: copy } = await scene.service.restore({
    point: { id: next.point_id },
    mode: 'image',
    disks: [rootId],
  });
  scene.restored.push(copy.restore_id);
  assert.equal(await rangeSha256(copy.disks[0]?.image ?? '', 0, read), point[0], 'and it is right');

  await scene.undo(result.restore_id);
  assert.deepEqual(await contents(), later);
  await intact('after the undo');
  assert.equal((await namesOf(rootId)).length, before.length, 'no snapshot of the restore is left');
  assert.deepEqual(await scene.ofRestore(result.restore_id), []);
  await scene.deleteVolume(cloneId);
  await scene.deleteSnapshot(rootId, snapshotId);
});

/** The first import into the disk's own image ends in the middle; counts them. */
function breakImport(volumeId: string): { imports: number } {
  const { hooks, real } = scene.service;
  const count = { imports: 0 };
  hooks.rbd.importDiff = async (at, stream, options) => {
    if (at.image === `volume-${volumeId}`) count.imports += 1;
    const isBroken = at.image === `volume-${volumeId}` && count.imports === 1;
    try {
      // rbd ends by itself, so that it gives up its watch.
      await real.rbd.importDiff(at, isBroken ? cutOff(stream) : stream, options);
    } catch (error) {
      throw isBroken ? new Error('says the test', { cause: error }) : error;
    }
  };
  return count;
}

async function* cutOff(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    yield chunk.subarray(0, Math.floor(chunk.length * 0.6));
    return;
  }
}

test('a snapshot that comes in the last moment turns a swap into a write-back; what fails goes back; it expires', async () => {
  const id = await scene.scratch.volume();
  const point = await scatter(id, 30);
  const { result: backup } = await scene.service.backup({ volume: id });
  const later = await scatter(id, 31);
  const names = await namesOf(id);
  let snapshotId = '';
  const { hooks, real } = scene.service;
  hooks.rbd.commitMigration = async (target) => {
    await real.rbd.commitMigration(target);
    snapshotId = await scene.snapshot(id);
  };
  const { result } = await scene.restore(backup.point_id);
  scene.service.clear();
  assert.equal(await sha256Of(id), point);
  assert.deepEqual(
    await scene.ofRestore(result.restore_id),
    [],
    'the image that was to be swapped in is gone',
  );
  const restored = await namesOf(id);

  const undoing = breakImport(id);
  assert.equal((await scene.endedUndo(result.restore_id)).error?.message, 'says the test');
  scene.service.clear();
  assert.equal(undoing.imports, 2, 'back, and there again');
  assert.equal(await sha256Of(id), point, 'the restored state stays');
  assert.deepEqual(await namesOf(id), restored);
  await scene.undo(result.restore_id);
  assert.equal(await sha256Of(id), later);
  assert.deepEqual(await namesOf(id), [...names, `snapshot-${snapshotId}`].toSorted());

  const restoring = breakImport(id);
  await scene.failedRestore(backup.point_id, 'BUG_UNEXPECTED');
  scene.service.clear();
  assert.equal(restoring.imports, 2, 'there and back');
  assert.equal(await sha256Of(id), later, 'I5: a restore that fails gives back what was there');
  assert.deepEqual(await namesOf(id), [...names, `snapshot-${snapshotId}`].toSorted());

  const { result: last } = await scene.restore(backup.point_id);
  await scene.service.drivers.catalog.transaction(async (tx) => {
    await tx.sql.raw(`update emberkeep.restores set undo_until = now() - interval '1 second' where id = ?`, [
      last.restore_id,
    ]);
  });
  await scene.service.backup({ volume: id });
  const kept = await namesOf(id);
  assert.equal(kept.length, 2, `the snapshots of Cinder and of the newest point: ${kept.join()}`);
  assert.equal((await scene.show(last.restore_id)).undo_until, null);
  await scene.deleteSnapshot(id, snapshotId);
});

test('I12: a volume is deleted with the safety snapshot of a write-back, and nothing is left', async () => {
  const id = await scene.scratch.volume();
  const { result: backup } = await scene.service.backup({ volume: id });
  const [snapshotId, image] = [await scene.snapshot(id), await idOf(id)];
  const { result } = await scene.restore(backup.point_id);
  await scene.deleteSnapshot(id, snapshotId);
  assert.ok((await namesOf(id)).some((name) => name.includes(result.restore_id)));
  await scene.deleteVolume(id);
  assert.ok(!(await listTrash('volumes')).includes(image));
  assert.equal((await scene.endedUndo(result.restore_id)).error?.type, 'CONFLICT_DISK_GONE');
});
