/** Verifications of real points on the real cloud: what they find, and what they mark. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { imageSha256, listSnapshots } from '../../support/rbd-image.ts';
import { ApiFailure } from '../../support/service.ts';
import { at, VerificationScene } from './verification-scene.ts';

let scene: VerificationScene;

before(async () => {
  scene = await VerificationScene.open('verify');
});
after(() => scene.close());

test('intact points are found intact at every level, and say so', async () => {
  const { spec, points } = await scene.takeChain(3);
  const source = `ceph/${spec}`;
  assert.equal((await scene.pointNow(at(points, 0).pointId)).last_verified, null);
  for (const level of ['quick', 'full', 'deep']) {
    const found = await scene.verified({ source }, level);
    assert.deepEqual(
      [found.level, found.points, found.intact, found.damaged, found.unverified],
      [level, 3, 3, 0, 0],
    );
    for (const { pointId } of points) {
      const point = await scene.pointNow(pointId);
      assert.deepEqual([point.last_verified?.level, point.last_verified?.outcome], [level, 'intact']);
      assert.equal(point.last_proven !== null, level === 'deep');
    }
  }
  assert.deepEqual(await scene.images(), []);
  assert.equal((await listSnapshots(spec)).length, 1);
});

test('I8: one byte of one segment in the middle of a chain: exactly the points that need it, and the next backup is a full', async () => {
  const { spec, points } = await scene.takeChain(4);
  await scene.flipByte(at(points, 2).linkId);
  const quick = await scene.verified({ source: `ceph/${spec}` }, 'quick');
  assert.equal(quick.damaged, 0, 'no byte is read by a quick one');
  const found = await scene.verified({ source: `ceph/${spec}` }, 'full');
  assert.deepEqual([found.intact, found.damaged], [2, 2]);
  assert.deepEqual(
    found.damaged_points.map(({ point_id: id }) => id),
    points.slice(2).map(({ pointId }) => pointId),
  );
  assert.match(at(found.damaged_points, 0).reason, /Segment 0 of link .* is damaged: its checksum/);
  const states = await Promise.all(points.map(async ({ pointId }) => (await scene.pointNow(pointId)).state));
  assert.deepEqual(states, ['complete', 'complete', 'damaged', 'damaged']);

  await assert.rejects(
    scene.service.call('POST', '/v1/restores', { point: { id: at(points, 3).pointId }, mode: 'image' }),
    (error: unknown) => error instanceof ApiFailure && error.body.error.type === 'INTEGRITY_POINT_DAMAGED',
  );
  const { result } = await scene.service.restore({ point: { id: at(points, 1).pointId }, mode: 'image' });
  const image = result.disks[0]?.image ?? '';
  scene.scratch.adoptImage(image);
  assert.equal(await imageSha256(image), at(points, 1).sha256);

  const next = await scene.service.backup({ image: spec });
  assert.equal(next.result.disks[0]?.kind, 'full');
  assert.match(next.result.disks[0].full_reason ?? '', /damaged/);
  assert.equal((await scene.verified({ point: next.result.point_id }, 'deep')).intact, 1);
});
