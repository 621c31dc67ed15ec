/** Verifications of real points on the real cloud: what they find, what they mark, what they leave. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import type { WireJob, WirePoint } from '../../../src/entry/cli/wire.ts';
import { flipByte as flipByteOf } from '../../support/flip-byte.ts';
import { changeImage, imageSha256, listImages, listSnapshots } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { ApiFailure, makeStateDir } from '../../support/service.ts';

const mib = 1024 * 1024;

let scratch: ScratchCloud;
let service: FaultyService;
/** Jobs of all verifications that were asked for. */
const started: string[] = [];

before(async () => {
  scratch = await ScratchCloud.open('verify');
  service = await startFaultyService();
});
afterEach(() => {
  service.clear();
});
after(async () => {
  await service.stop();
  await scratch.close();
});

interface Found {
  level: string;
  points: number;
  intact: number;
  damaged: number;
  unverified: number;
  damaged_points: { point_id: string; reason: string }[];
  unverified_points: { point_id: string; reason: string }[];
}

async function startVerification(
  target: object,
  level: string,
  of = service,
  cloud?: string,
): Promise<WireJob> {
  const { job } = await of.call<{ job: WireJob }>('POST', '/v1/verifications', { target, level }, cloud);
  started.push(job.id);
  return job;
}

async function verified(target: object, level: string, of = service): Promise<Found> {
  const job = await of.ended((await startVerification(target, level, of)).id);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  return job.result as unknown as Found;
}

async function pointNow(id: string): Promise<WirePoint> {
  return (await service.call<{ point: WirePoint }>('GET', `/v1/points/${id}`)).point;
}

interface Taken {
  pointId: string;
  linkId: string;
  sha256: string;
}

async function takePoint(spec: string, of = service): Promise<Taken> {
  const { result } = await of.backup({ image: spec });
  const [disk] = result.disks;
  assert.ok(disk);
  const [snapshot] = await listSnapshots(spec);
  const sha256 = await imageSha256(`${spec}@${snapshot?.name ?? ''}`);
  return { pointId: result.point_id, linkId: disk.link_id, sha256 };
}

/** A full and increments on it, each with data of its own. */
async function takeChain(length: number, of = service): Promise<{ spec: string; points: Taken[] }> {
  const spec = await scratch.image('volumes', 24 * mib);
  const points: Taken[] = [];
  for (let index = 0; index < length; index++) {
    const write = { kind: 'write', offset: index * 4 * mib + 4096, length: mib, seed: index + 1 } as const;
    await changeImage(spec, [write]);
    points.push(await takePoint(spec, of));
  }
  return { spec, points };
}

function flipByte(linkId: string): Promise<void> {
  return flipByteOf(service.config.storeDirectory, linkId);
}

/** Of this file's verifications: others may run beside it. */
async function scratchImages(): Promise<string[]> {
  const images = await listImages('backups');
  return images.filter((image) => started.some((id) => image.startsWith(`verify-${id}-`)));
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  assert.ok(item !== undefined);
  return item;
}

test('intact points are found intact at every level, and say so', async () => {
  const { spec, points } = await takeChain(3);
  const source = `ceph/${spec}`;
  assert.equal((await pointNow(at(points, 0).pointId)).last_verified, null);
  for (const level of ['quick', 'full', 'deep']) {
    const found = await verified({ source }, level);
    assert.deepEqual(
      [found.level, found.points, found.intact, found.damaged, found.unverified],
      [level, 3, 3, 0, 0],
    );
    for (const { pointId } of points) {
      const point = await pointNow(pointId);
      assert.deepEqual([point.last_verified?.level, point.last_verified?.outcome], [level, 'intact']);
      assert.equal(point.last_proven !== null, level === 'deep');
    }
  }
  assert.deepEqual(await scratchImages(), []);
  assert.equal((await listSnapshots(spec)).length, 1);
});

test('I8: one byte of one segment in the middle of a chain: exactly the points that need it, and the next backup is a full', async () => {
  const { spec, points } = await takeChain(4);
  await flipByte(at(points, 2).linkId);
  const quick = await verified({ source: `ceph/${spec}` }, 'quick');
  assert.equal(quick.damaged, 0, 'no byte is read by a quick one');
  const found = await verified({ source: `ceph/${spec}` }, 'full');
  assert.deepEqual([found.intact, found.damaged], [2, 2]);
  assert.deepEqual(
    found.damaged_points.map(({ point_id: id }) => id),
    points.slice(2).map(({ pointId }) => pointId),
  );
  assert.match(at(found.damaged_points, 0).reason, /Segment 0 of link .* is damaged: its checksum/);
  const states = await Promise.all(points.map(async ({ pointId }) => (await pointNow(pointId)).state));
  assert.deepEqual(states, ['complete', 'complete', 'damaged', 'damaged']);

  await assert.rejects(
    service.call('POST', '/v1/restores', { point: { id: at(points, 3).pointId }, mode: 'image' }),
    (error: unknown) => error instanceof ApiFailure && error.body.error.type === 'INTEGRITY_POINT_DAMAGED',
  );
  const { result } = await service.restore({ point: { id: at(points, 1).pointId }, mode: 'image' });
  const image = result.disks[0]?.image ?? '';
  scratch.adoptImage(image);
  assert.equal(await imageSha256(image), at(points, 1).sha256);

  const next = await service.backup({ image: spec });
  assert.equal(next.result.disks[0]?.kind, 'full');
  assert.match(next.result.disks[0].full_reason ?? '', /damaged/);
  assert.equal((await verified({ point: next.result.point_id }, 'deep')).intact, 1);
});

test('a store that is away is not damage', async () => {
  const { spec, points } = await takeChain(2);
  const away = (): Promise<never> =>
    Promise.reject(new AppError('STORE_UNREACHABLE', 'the server is away', { retryable: true }));
  service.hooks.store.inspectLink = away;
  const job = await service.ended((await startVerification({ source: `ceph/${spec}` }, 'full')).id);
  assert.deepEqual([job.state, job.error?.type], ['failed', 'STORE_UNREACHABLE']);
  service.clear();
  for (const { pointId } of points) {
    const { state, last_verified: verification } = await pointNow(pointId);
    assert.deepEqual([state, verification], ['complete', null]);
  }
});

test('a key that is missing is not damage: the other points are verified', async () => {
  const { spec, points } = await takeChain(2);
  service.hooks.store.inspectLink = async (manifest, options) => {
    if (manifest.linkId === at(points, 1).linkId)
      throw new AppError('STORE_NO_KEY', 'the key of this link is not configured');
    return await (await service.real.stores.open()).inspectLink(manifest, options);
  };
  const found = await verified({ source: `ceph/${spec}` }, 'full');
  assert.deepEqual([found.intact, found.damaged, found.unverified], [1, 0, 1]);
  assert.equal(at(found.unverified_points, 0).point_id, at(points, 1).pointId);
  assert.equal((await pointNow(at(points, 1).pointId)).state, 'complete');
});

test('deep: an import that writes something else is found by reading it back', async () => {
  const { points } = await takeChain(2);
  service.hooks.rbd.importDiff = async (image, stream, options) => {
    await service.real.rbd.importDiff(image, stream, options);
    const [snapshot] = await service.real.rbd.listSnapshots(image);
    assert.ok(snapshot);
    await service.real.rbd.removeSnapshot(image, snapshot.name);
    await changeImage(`${image.pool}/${image.image}`, [
      { kind: 'write', offset: 20 * mib, length: 1, seed: 9 },
    ]);
    await service.real.rbd.createSnapshot(image, snapshot.name);
  };
  const found = await verified({ point: at(points, 1).pointId }, 'deep');
  assert.equal(found.damaged, 1);
  assert.match(at(found.damaged_points, 0).reason, /differs from the store at byte 20971520/);
  assert.deepEqual(await scratchImages(), []);
  assert.equal((await pointNow(at(points, 0).pointId)).state, 'complete');
});

test('deep: a point that is not what the disk was is found while the source has the snapshot', async () => {
  const spec = await scratch.image('volumes', 16 * mib);
  await changeImage(spec, [{ kind: 'write', offset: 0, length: mib, seed: 3 }]);
  service.hooks.rbd.exportDiff = async (image, options) => {
    const exported = await service.real.rbd.exportDiff(image, options);
    const altered = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of exported.chunks) {
        if (chunk.length > 5000) chunk[4500] = (chunk[4500] ?? 0) ^ 1;
        yield chunk;
      }
    };
    return { ...exported, chunks: altered() };
  };
  const { pointId } = await takePoint(spec);
  service.clear();
  assert.equal((await verified({ point: pointId }, 'full')).intact, 1);
  const found = await verified({ point: pointId }, 'deep');
  assert.match(at(found.damaged_points, 0).reason, /differs from snapshot backup\..* at byte \d+/);
  const next = await service.backup({ image: spec });
  assert.equal(next.result.disks[0]?.kind, 'full');
});

test('I9: a deep verification that is stopped in the middle is finished by the next worker, which removes what was left', async () => {
  const stateDir = await makeStateDir();
  const first = await startFaultyService({ stateDir });
  const { points } = await takeChain(1, first);
  const reached = Promise.withResolvers<undefined>();
  first.hooks.rbd.exportDiff = async (_, { signal }) => {
    reached.resolve(undefined);
    return await new Promise((__, reject) => {
      signal?.addEventListener('abort', () => reject(new AppError('CANCELLED_COMMAND', 'stopped')));
    });
  };
  // As if the worker had been killed: nothing is removed any more.
  first.hooks.rbd.removeImage = () => Promise.reject(new AppError('CEPH_UNREACHABLE', 'the worker is dead'));
  const { id } = await startVerification({ point: at(points, 0).pointId }, 'deep', first);
  await reached.promise;
  assert.deepEqual(await scratchImages(), [`verify-${id}-0`]);
  await first.service.stop({ graceful: false, timeoutMs: 0 });
  const second = await startFaultyService({ stateDir });
  try {
    const job = await second.ended(id);
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
    assert.equal((job.result as unknown as Found).intact, 1);
    assert.deepEqual(await scratchImages(), []);
  } finally {
    await second.stop();
  }
});

test('I7: a point of another project is verified by nobody else', async () => {
  const volume = await scratch.volume();
  const { result } = await service.backup({ volume });
  const target = { point: result.point_id };
  const refused = (status: number, type: string) => (error: unknown) =>
    error instanceof ApiFailure && error.status === status && error.body.error.type === type;
  await assert.rejects(
    startVerification(target, 'quick', service, 'devcloud-other'),
    refused(404, 'NOTFOUND_RESOURCE'),
  );
  await assert.rejects(
    startVerification({ source: volume }, 'quick', service, 'devcloud-other'),
    refused(404, 'NOTFOUND_RESOURCE'),
  );
  await assert.rejects(
    startVerification(target, 'quick', service, 'devcloud-reader'),
    refused(403, 'FORBIDDEN_ROLE'),
  );
  const job = await service.ended(
    (await startVerification({ all: true }, 'quick', service, 'devcloud-tenant')).id,
  );
  assert.equal((job.result as unknown as Found).points, 1, 'the images of other tests belong to no project');
});
