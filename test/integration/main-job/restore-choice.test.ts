import assert from 'node:assert/strict';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { changeImage, imageSha256 } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { ApiFailure } from '../../support/service.ts';

const mib = 1024 * 1024;

let scratch: ScratchCloud;
let service: FaultyService;

before(async () => {
  scratch = await ScratchCloud.open('choose');
  service = await startFaultyService();
});
after(async () => {
  await service.stop();
  await scratch.close();
});

function failure(status: number, type: string, message?: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ApiFailure, String(error));
    assert.deepEqual([error.status, error.body.error.type], [status, type]);
    if (message !== undefined) assert.match(error.body.error.message, message);
    return true;
  };
}

test('by time: the newest point at or before it; before the first one there is none', async () => {
  const spec = await scratch.image('volumes', 4 * mib);
  const hashes: { takenAt: string; sha256: string }[] = [];
  for (const seed of [1, 2]) {
    await changeImage(spec, [{ kind: 'write', offset: 0, length: mib, seed }]);
    const { result } = await service.backup({ image: spec });
    hashes.push({ takenAt: result.taken_at, sha256: await imageSha256(spec) });
  }
  const [first, second] = hashes;
  assert.ok(first && second);
  const middle = new Date((Date.parse(first.takenAt) + Date.parse(second.takenAt)) / 2).toISOString();
  for (const [at, expected] of [
    [first.takenAt, first],
    [middle, first],
    [second.takenAt, second],
    ['latest', second],
  ] as const) {
    const { result } = await service.restore({ point: { image: spec, at }, mode: 'image' });
    const image = result.disks[0]?.image ?? '';
    scratch.adoptImage(image);
    assert.equal(await imageSha256(image), expected.sha256, at);
  }
  const at = new Date(Date.parse(first.takenAt) - 1000).toISOString();
  await assert.rejects(
    service.call('POST', '/v1/restores', { point: { image: spec, at }, mode: 'image' }),
    failure(404, 'NOTFOUND_POINT', /has no point at or before .*; its first is of /),
  );
});

test('I8: a damaged segment is told, marked, and leaves nothing', async () => {
  const spec = await scratch.image('volumes', 8 * mib);
  await changeImage(spec, [{ kind: 'write', offset: 0, length: 2 * mib, seed: 9 }]);
  const { result } = await service.backup({ image: spec });
  const segments = join(service.config.storeDirectory, 'links', result.disks[0]?.link_id ?? '', 'segments');
  const [segment = ''] = await readdir(segments);
  // The same size, one byte another: nothing but its hash can tell.
  const file = await open(join(segments, segment), 'r+');
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 4000);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, 4000);
  await file.close();
  const { restore, job } = await service.failedRestore({ point: { id: result.point_id }, mode: 'image' });
  assert.equal(job.error?.type, 'INTEGRITY_SEGMENT_DAMAGED');
  assert.equal((await service.pointsOf(spec))[0]?.state, 'damaged');
  assert.deepEqual(await scratch.freshImages(restore.id), []);
  await assert.rejects(
    service.call('POST', '/v1/restores', { point: { id: result.point_id }, mode: 'image' }),
    (error) => error instanceof ApiFailure && error.body.error.type === 'INTEGRITY_POINT_DAMAGED',
  );
  const next = await service.backup({ image: spec });
  assert.equal(next.result.disks[0]?.kind, 'full');
});
