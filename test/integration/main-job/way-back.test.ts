/** Restores in place that can neither be finished nor taken back: what they leave, and each way out of it. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WireJob, WireRestore } from '../../../src/entry/cli/wire.ts';
import { patience } from '../../support/devcloud.ts';
import { changeImage, headSha256, listSnapshots, rbd } from '../../support/rbd-image.ts';
import { gib, imageOf, InPlaceScene } from './in-place-scene.ts';

let scene: InPlaceScene;
/** Nova and Cinder are slow to make these: all tests have the same instance, with a snapshot on its root disk. */
let instance: { id: string; rootId: string; dataId: string };
let snapshotId: string;
let pointId: string;
let point: string[];

before(async () => {
  scene = await InPlaceScene.open('wayback');
  instance = await scene.instance();
  snapshotId = await scene.snapshot(instance.rootId);
  point = [await scene.fill(instance.rootId, 1), await scene.fill(instance.dataId, 2)];
  const { result } = await scene.service.backup({ instance: instance.id });
  pointId = result.point_id;
});
afterEach(() => {
  scene.service.clear();
});
after(async () => {
  await scene.deleteSnapshot(instance.rootId, snapshotId);
  await scene.close();
});

async function contents(): Promise<string[]> {
  return [await headSha256(imageOf(instance.rootId)), await headSha256(imageOf(instance.dataId))];
}

async function snapshotsOf(volumeId: string): Promise<string[]> {
  return (await listSnapshots(imageOf(volumeId))).map(({ name }) => name).toSorted();
}

async function state(): Promise<{ status: string; locked: boolean }> {
  const { status, locked } = (await scene.scratch.owner().nova.getServer(instance.id)).state;
  return { status, locked };
}

interface Was {
  contents: string[];
  snapshots: string[];
  view: Awaited<ReturnType<InPlaceScene['view']>>;
}

/** The root disk in many places, so that a broken import has written some of them. */
async function overwrite(seed: number): Promise<Was> {
  const places = Array.from({ length: 8 }, (_, index) => index * 128 * 1024);
  await changeImage(
    imageOf(instance.rootId),
    places.map((offset) => ({ kind: 'write', offset, length: 64 * 1024, seed })),
  );
  await scene.fill(instance.dataId, seed + 1);
  return {
    contents: await contents(),
    snapshots: await snapshotsOf(instance.rootId),
    view: await scene.view(instance.id),
  };
}

async function isAsItWas(was: Was): Promise<void> {
  assert.deepEqual(await contents(), was.contents);
  assert.deepEqual(await snapshotsOf(instance.rootId), was.snapshots);
  assert.deepEqual(await scene.view(instance.id), was.view);
}

/** Every import into the root disk's own image breaks off in the middle; `onFirst` comes after the first one has. */
function breakImports(onFirst: () => Promise<void> = () => Promise.resolve()): void {
  const { hooks, real } = scene.service;
  let imports = 0;
  hooks.rbd.importDiff = async (at, stream, options) => {
    if (at.image !== `volume-${instance.rootId}`) {
      await real.rbd.importDiff(at, stream, options);
      return;
    }
    imports += 1;
    // rbd ends by itself, so that it gives up its watch.
    await assert.rejects(real.rbd.importDiff(at, cutOff(stream), options));
    if (imports === 1) await onFirst();
    throw new Error('says the test');
  };
}

async function* cutOff(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    yield chunk.subarray(0, Math.floor(chunk.length * 0.6));
    return;
  }
}

/** A restore that fails both ways: the instance is off and locked, so that nothing boots from a disk that is neither. */
async function failBothWays(disks: string[]): Promise<{ restore: WireRestore; job: WireJob }> {
  const request = { point: { id: pointId }, mode: 'in-place', disks };
  const { restore, job } = await scene.service.failedRestore(request);
  scene.restored.push(restore.id);
  assert.deepEqual([job.state, job.error?.type], ['failed', 'CONFLICT_UNDO_FAILED']);
  assert.match(job.error?.message ?? '', new RegExp(`\`emberkeep restore undo ${restore.id}\``));
  assert.deepEqual(await state(), { status: 'SHUTOFF', locked: true });
  return { restore, job };
}

/** A mixture would be kept as a good point. */
async function assertRefused(restoreId: string): Promise<void> {
  const { error } = await scene.service.failedBackup({ instance: instance.id });
  assert.equal(error?.type, 'CONFLICT_HALF_RESTORED', JSON.stringify(error));
  assert.match(error.message, new RegExp(`\`emberkeep restore undo ${restoreId}\``));
}

test('a write-back that fails both ways is undone once the reason is mended, however often it is asked for', async () => {
  const was = await overwrite(10);
  breakImports();
  const { restore } = await failBothWays([]);
  const half = await headSha256(imageOf(instance.rootId));
  assert.ok(half !== was.contents[0] && half !== point[0], 'the disk is neither');
  const again = await scene.endedUndo(restore.id);
  assert.equal(again.error?.type, 'CONFLICT_UNDO_FAILED', JSON.stringify(again.error));
  assert.deepEqual(await state(), { status: 'SHUTOFF', locked: true });
  scene.service.clear();
  await assertRefused(restore.id);
  await scene.undo(restore.id);
  await isAsItWas(was);
  await scene.service.backup({ instance: instance.id });
  assert.deepEqual(await scene.ofRestore(restore.id), []);
  assert.equal((await scene.show(restore.id)).state, 'undone');
  await scene.refusedUndo(restore.id, 'CONFLICT_UNDONE');
});

test('a cancelled write-back whose way back fails is no job that left nothing; its disk comes back by hand', async () => {
  const was = await overwrite(20);
  breakImports(async () => {
    const { jobs } = await scene.service.call<{ jobs: WireJob[] }>('GET', '/v1/jobs?limit=1');
    await scene.service.call('POST', `/v1/jobs/${jobs[0]?.id}/cancel`);
  });
  const { restore } = await failBothWays([instance.rootId]);
  scene.service.clear();
  await assertRefused(restore.id);

  // As docs/operate/troubleshooting.md has it.
  const image = imageOf(instance.rootId);
  const [safety = '', later = '', ...more] = (await listSnapshots(image))
    .map(({ name }) => name)
    .filter((name) => name.startsWith(`backup.${restore.id}.snap.`));
  assert.deepEqual(more, []);
  await rbd('snap', 'rollback', '--no-progress', `${image}@${safety}`);
  await rbd('snap', 'rm', '--no-progress', `${image}@${safety}`);
  await rbd('snap', 'rm', '--no-progress', `${image}@${later}`);
  const { nova } = scene.scratch.owner();
  await nova.unlockServer(instance.id);
  await nova.startServer(instance.id);
  await nova.waitForServer(instance.id, 'ACTIVE', patience);
  await isAsItWas(was);

  const undo = await scene.endedUndo(restore.id);
  assert.match(undo.error?.message ?? '', /has no snapshot .* nothing was touched/);
  await isAsItWas(was);
  await scene.service.backup({ instance: instance.id });
});

test('a swap that fails both ways is undone once the reason is mended, or by hand', async () => {
  for (const isByHand of [false, true]) {
    const was = await overwrite(isByHand ? 40 : 30);
    const { hooks, real } = scene.service;
    let renamings = 0;
    hooks.rbd.renameImage = async (from, to) => {
      renamings += 1;
      if (renamings > 1) throw new Error('says the test');
      await real.rbd.renameImage(from, to);
    };
    const { restore } = await failBothWays([instance.dataId]);
    scene.service.clear();
    const image = imageOf(instance.dataId);
    const kept = `volumes/emberkeep-undo-${restore.id}-0`;
    assert.ok((await scene.ofRestore(restore.id)).includes(kept));
    if (isByHand) {
      // As docs/operate/troubleshooting.md has it.
      await rbd('mv', kept, image);
      await rbd('image-meta', 'remove', image, 'emberkeep_undo');
      const { nova } = scene.scratch.owner();
      await nova.unlockServer(instance.id);
      await nova.startServer(instance.id);
      await nova.waitForServer(instance.id, 'ACTIVE', patience);
      await isAsItWas(was);
    }
    await scene.undo(restore.id);
    await isAsItWas(was);
    assert.deepEqual(await scene.ofRestore(restore.id), []);
  }
});

test('an undo that fails both ways is asked for again, and the instance runs again after it', async () => {
  const was = await overwrite(60);
  const { result } = await scene.restore(pointId, [instance.rootId]);
  breakImports();
  const { error } = await scene.endedUndo(result.restore_id);
  assert.equal(error?.type, 'CONFLICT_UNDO_FAILED', JSON.stringify(error));
  assert.deepEqual(await state(), { status: 'SHUTOFF', locked: true });
  scene.service.clear();
  await assertRefused(result.restore_id);
  await scene.undo(result.restore_id);
  await isAsItWas(was);
});

test('how far a write-back is can be seen of its job and of its restore', async () => {
  const { hooks, real } = scene.service;
  const told: { jobs: object[]; restores: (object | null)[] } = { jobs: [], restores: [] };
  hooks.rbd.importDiff = async (at, stream, options) => {
    // Progress is written once a second.
    if (at.image === `volume-${instance.rootId}`) await sleep(1100);
    await real.rbd.importDiff(at, stream, options);
  };
  hooks.jobs.recordProgress = async (id, attempt, progress) => {
    const pulse = await real.catalog.jobs.recordProgress(id, attempt, progress);
    const { restores } = await scene.service.call<{ restores: WireRestore[] }>('GET', '/v1/restores?limit=1');
    told.jobs.push(progress);
    told.restores.push(restores[0]?.progress ?? null);
    return pulse;
  };
  await overwrite(50);
  const { result } = await scene.restore(pointId, [instance.rootId]);
  scene.service.clear();
  const parts = told.jobs as { bytesDone: number; bytesTotal: number }[];
  const written = parts.filter(({ bytesDone }) => bytesDone > gib);
  assert.ok(written.length > 0, JSON.stringify(told));
  for (const { bytesDone, bytesTotal } of parts) {
    assert.equal(bytesTotal, 3 * gib, 'imported, written and read back');
    assert.ok(bytesDone <= bytesTotal);
  }
  const shown = told.restores.map((progress) => (progress as WireRestore['progress'])?.bytes_total);
  assert.deepEqual([...new Set(shown)], [3 * gib]);
  assert.equal((await scene.show(result.restore_id)).progress, null, 'nothing works on it any more');
  await scene.undo(result.restore_id);
  const { kept_image: image, kept_snapshot: snapshot } = (await scene.show(result.restore_id)).disks[0] ?? {};
  assert.deepEqual([image, snapshot], [null, null], 'nothing is kept of one that was undone');
});
