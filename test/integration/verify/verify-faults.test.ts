/** Verifications of real points when a part of the cloud lies, is away or is asked by the wrong one. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import { changeImage } from '../../support/rbd-image.ts';
import { startFaultyService } from '../../support/scratch-service.ts';
import { ApiFailure, makeStateDir } from '../../support/service.ts';
import { at, mib, VerificationScene, type Found } from './verification-scene.ts';

let scene: VerificationScene;

before(async () => {
  scene = await VerificationScene.open('verify-faults');
});
afterEach(() => {
  scene.service.clear();
});
after(() => scene.close());

test('a store that is away is not damage', async () => {
  const { spec, points } = await scene.takeChain(2);
  const away = (): Promise<never> =>
    Promise.reject(new AppError('STORE_UNREACHABLE', 'the server is away', { retryable: true }));
  scene.service.hooks.store.inspectLink = away;
  const job = await scene.service.ended((await scene.start({ source: `ceph/${spec}` }, 'full')).id);
  assert.deepEqual([job.state, job.error?.type], ['failed', 'STORE_UNREACHABLE']);
  scene.service.clear();
  for (const { pointId } of points) {
    const { state, last_verified: verification } = await scene.pointNow(pointId);
    assert.deepEqual([state, verification], ['complete', null]);
  }
});

test('a key that is missing is not damage: the other points are verified', async () => {
  const { spec, points } = await scene.takeChain(2);
  scene.service.hooks.store.inspectLink = async (manifest, options) => {
    if (manifest.linkId === at(points, 1).linkId)
      throw new AppError('STORE_NO_KEY', 'the key of this link is not configured');
    return await (await scene.service.real.stores.open()).inspectLink(manifest, options);
  };
  const found = await scene.verified({ source: `ceph/${spec}` }, 'full');
  assert.deepEqual([found.intact, found.damaged, found.unverified], [1, 0, 1]);
  assert.equal(at(found.unverified_points, 0).point_id, at(points, 1).pointId);
  assert.equal((await scene.pointNow(at(points, 1).pointId)).state, 'complete');
});

test('deep: an import that writes something else is found by reading it back', async () => {
  const { points } = await scene.takeChain(2);
  scene.service.hooks.rbd.importDiff = async (image, stream, options) => {
    await scene.service.real.rbd.importDiff(image, stream, options);
    const [snapshot] = await scene.service.real.rbd.listSnapshots(image);
    assert.ok(snapshot);
    await scene.service.real.rbd.removeSnapshot(image, snapshot.name);
    await changeImage(`${image.pool}/${image.image}`, [
      { kind: 'write', offset: 20 * mib, length: 1, seed: 9 },
    ]);
    await scene.service.real.rbd.createSnapshot(image, snapshot.name);
  };
  const found = await scene.verified({ point: at(points, 1).pointId }, 'deep');
  assert.equal(found.damaged, 1);
  assert.match(at(found.damaged_points, 0).reason, /differs from the store at byte 20971520/);
  assert.deepEqual(await scene.images(), []);
  assert.equal((await scene.pointNow(at(points, 0).pointId)).state, 'complete');
});

test('deep: a point that is not what the disk was is found while the source has the snapshot', async () => {
  const spec = await scene.scratch.image('volumes', 16 * mib);
  await changeImage(spec, [{ kind: 'write', offset: 0, length: mib, seed: 3 }]);
  scene.service.hooks.rbd.exportDiff = async (image, options) => {
    const exported = await scene.service.real.rbd.exportDiff(image, options);
    const altered = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of exported.chunks) {
        if (chunk.length > 5000) chunk[4500] = (chunk[4500] ?? 0) ^ 1;
        yield chunk;
      }
    };
    return { ...exported, chunks: altered() };
  };
  const { pointId } = await scene.takePoint(spec);
  scene.service.clear();
  assert.equal((await scene.verified({ point: pointId }, 'full')).intact, 1);
  const found = await scene.verified({ point: pointId }, 'deep');
  assert.match(at(found.damaged_points, 0).reason, /differs from snapshot backup\..* at byte \d+/);
  const next = await scene.service.backup({ image: spec });
  assert.equal(next.result.disks[0]?.kind, 'full');
});

test('I9: a deep verification that is stopped in the middle is finished by the next worker, which removes what was left', async () => {
  const stateDir = await makeStateDir();
  const first = await startFaultyService({ stateDir });
  const { points } = await scene.takeChain(1, first);
  const reached = Promise.withResolvers<undefined>();
  first.hooks.rbd.exportDiff = async (_, { signal }) => {
    reached.resolve(undefined);
    return await new Promise((__, reject) => {
      signal?.addEventListener('abort', () => reject(new AppError('CANCELLED_COMMAND', 'stopped')));
    });
  };
  // As if the worker had been killed: nothing is removed any more.
  first.hooks.rbd.removeImage = () => Promise.reject(new AppError('CEPH_UNREACHABLE', 'the worker is dead'));
  const { id } = await scene.start({ point: at(points, 0).pointId }, 'deep', first);
  await reached.promise;
  assert.deepEqual(await scene.images(), [`verify-${id}-0`]);
  await first.service.stop({ graceful: false, timeoutMs: 0 });
  const second = await startFaultyService({ stateDir });
  try {
    const job = await second.ended(id);
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
    assert.equal((job.result as unknown as Found).intact, 1);
    assert.deepEqual(await scene.images(), []);
  } finally {
    await second.stop();
  }
});

test('I7: a point of another project is verified by nobody else', async () => {
  const volume = await scene.scratch.volume();
  const { result } = await scene.service.backup({ volume });
  const target = { point: result.point_id };
  const refused = (status: number, type: string) => (error: unknown) =>
    error instanceof ApiFailure && error.status === status && error.body.error.type === type;
  await assert.rejects(
    scene.start(target, 'quick', scene.service, 'devcloud-other'),
    refused(404, 'NOTFOUND_RESOURCE'),
  );
  await assert.rejects(
    scene.start({ source: volume }, 'quick', scene.service, 'devcloud-other'),
    refused(404, 'NOTFOUND_RESOURCE'),
  );
  await assert.rejects(
    scene.start(target, 'quick', scene.service, 'devcloud-reader'),
    refused(403, 'FORBIDDEN_ROLE'),
  );
  const job = await scene.service.ended(
    (await scene.start({ all: true }, 'quick', scene.service, 'devcloud-tenant')).id,
  );
  assert.equal((job.result as unknown as Found).points, 1, 'the images of other tests belong to no project');
});
