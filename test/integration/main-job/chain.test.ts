import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import {
  changeImage,
  imageInfo,
  imageSha256,
  listSnapshots,
  rbd,
  type ImageChange,
} from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { devcloud } from '../../support/devcloud.ts';

const mib = 1024 * 1024;

let scratch: ScratchCloud;
let service: TestService;

before(async () => {
  scratch = await ScratchCloud.open('chain');
  service = await startTestService();
});
after(async () => {
  await service.stop();
  await scratch.close();
});

interface Taken {
  pointId: string;
  linkId: string;
  sha256: string;
  sizeBytes: number;
}

/** Backs up and hashes the snapshot that the point was taken of. */
async function takePoint(spec: string, kind: 'full' | 'increment'): Promise<Taken> {
  const { result } = await service.backup({ image: spec });
  const [disk] = result.disks;
  assert.ok(disk);
  assert.equal(disk.kind, kind, disk.full_reason ?? '');
  const [snapshot, ...others] = await listSnapshots(spec);
  assert.ok(snapshot);
  assert.deepEqual(others, []);
  return {
    pointId: result.point_id,
    linkId: disk.link_id,
    sha256: await imageSha256(`${spec}@${snapshot.name}`),
    sizeBytes: disk.size_bytes,
  };
}

async function restoreImage(pointId: string): Promise<string> {
  const { result } = await service.restore({ point: { id: pointId }, mode: 'image' });
  const image = result.disks[0]?.image;
  assert.ok(image);
  scratch.adoptImage(image);
  return image;
}

/** Always the same numbers for a seed (mulberry32). */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function randomChanges(random: (below: number) => number, sizeBytes: number): ImageChange[] {
  return Array.from({ length: 10 }, (_, index): ImageChange => {
    const offset = random(sizeBytes - 1);
    const kind = index % 3 === 2 ? 'discard' : 'write';
    const longest = kind === 'write' ? mib : 9 * mib;
    const length = Math.min(1 + random(longest), sizeBytes - offset);
    return kind === 'write' ? { kind, offset, length, seed: random(2 ** 31) } : { kind, offset, length };
  });
}

test('every point of a chain with random writes, discards, growth and shrinking restores to its bytes', async (t) => {
  const seed = Number(process.env['EMBERKEEP_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  t.diagnostic(`EMBERKEEP_TEST_SEED=${seed}`);
  const random = createRandom(seed);
  const spec = await scratch.image('volumes', 40 * mib);
  await changeImage(spec, randomChanges(random, 40 * mib));
  const points = [await takePoint(spec, 'full')];
  // Not multiples of the object size, and one below where data was written.
  for (const sizeBytes of [40 * mib, 57 * mib, 57 * mib, 23 * mib + 4096, 61 * mib + 512]) {
    await changeImage(spec, [{ kind: 'resize', sizeBytes }, ...randomChanges(random, sizeBytes)]);
    const point = await takePoint(spec, 'increment');
    assert.equal(point.sizeBytes, sizeBytes);
    points.push(point);
  }
  for (const { pointId, sha256, sizeBytes } of points) {
    const restored = await restoreImage(pointId);
    assert.equal((await imageInfo(restored)).size, sizeBytes);
    assert.equal(await imageSha256(restored), sha256, `point ${pointId}, seed ${seed}`);
    assert.deepEqual(await listSnapshots(restored), []);
  }
  await leaveThroughTheWayOut(points);
});

/** Nobody's software but everyone's: `cat SEGMENTS | zstd -d | rbd import-diff - POOL/IMAGE`. */
async function leaveThroughTheWayOut(points: Taken[]): Promise<void> {
  const { cephConf, keyring } = devcloud();
  const out = await scratch.image('backups', points[0]?.sizeBytes ?? 0);
  for (const { linkId, sha256 } of points) {
    const segments = join(service.config.storeDirectory, 'links', linkId, 'segments');
    const names = (await readdir(segments)).toSorted();
    const pipeline = `set -o pipefail; cat ${names.join(' ')} | zstd -d | rbd --conf ${cephConf} --keyring ${keyring} import-diff --no-progress - ${out}`;
    await promisify(execFile)('bash', ['-c', pipeline], { cwd: segments });
    assert.equal(await imageSha256(out), sha256);
  }
}

test('an increment without a change is small, and still a point that restores', async () => {
  const spec = await scratch.image('volumes', 8 * mib);
  await changeImage(spec, [{ kind: 'write', offset: 5000, length: 2 * mib, seed: 1 }]);
  const full = await takePoint(spec, 'full');
  for (let round = 0; round < 2; round++) {
    const { result } = await service.backup({ image: spec });
    const [disk] = result.disks;
    assert.equal(disk?.kind, 'increment');
    assert.equal(disk.data_bytes, 0);
    assert.ok(disk.stored_bytes < 4096, `${disk.stored_bytes} bytes stored for no change`);
    assert.equal(await imageSha256(await restoreImage(result.point_id)), full.sha256);
  }
});

test('scattered small writes to objects that did not exist store about what was written', async () => {
  const objectBytes = mib;
  const writes = 256;
  const writeBytes = 16 * 1024;
  const spec = await scratch.image('volumes', writes * objectBytes, '--object-size=1M');
  await takePoint(spec, 'full');
  const random = createRandom(20_261_122);
  const changes = Array.from({ length: writes }, (_, object): ImageChange => {
    const offset = object * objectBytes + random(objectBytes / writeBytes) * writeBytes;
    return { kind: 'write', offset, length: writeBytes, seed: object + 1 };
  });
  await changeImage(spec, changes);
  const { result } = await service.backup({ image: spec });
  const [disk] = result.disks;
  assert.equal(disk?.kind, 'increment');
  const written = writes * writeBytes;
  // What export-diff itself emits is each new object up to its last byte: some thirty times as much.
  assert.ok(disk.data_bytes >= written, `${disk.data_bytes} of ${written} bytes`);
  assert.ok(disk.data_bytes <= written * 1.05, `${disk.data_bytes} of ${written} bytes`);
  assert.ok(disk.stored_bytes <= written * 1.1, `${disk.stored_bytes} bytes stored`);
  const restored = await restoreImage(result.point_id);
  assert.equal(await imageSha256(restored), await imageSha256(spec));
  const usage = JSON.parse(await rbd('du', '--format=json', restored)) as { images: { used_size: number }[] };
  assert.ok((usage.images[0]?.used_size ?? 0) <= writes * objectBytes);
});
