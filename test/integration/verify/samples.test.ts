/** The samples that a backup compares with the store: no false alarm, and a missed difference is found. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { changeImage, imageSha256, listSnapshots, rbd, removeImage } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';

const mib = 1024 * 1024;
const objectBytes = 4 * mib;

let scratch: ScratchCloud;
let service: FaultyService;
let folder: string;

before(async () => {
  scratch = await ScratchCloud.open('samples');
  folder = await mkdtemp(join(tmpdir(), 'ek-samples-'));
  const file = join(folder, 'emberkeep.yaml');
  // More than these images have objects, so that every one that can be compared is.
  await writeFile(file, 'verify: { sample_ranges: 16 }\n');
  service = await startFaultyService({ env: { EMBERKEEP_CONFIG: file } });
});
afterEach(() => {
  service.clear();
});
after(async () => {
  await service.stop();
  await scratch.close();
  await rm(folder, { recursive: true });
});

type Sampled = Awaited<ReturnType<FaultyService['backup']>> & { result: { sampled_objects: number } };

async function backup(spec: string): Promise<Sampled['result']> {
  return ((await service.backup({ image: spec })) as Sampled).result;
}

/** An image of eight objects: six with data, one discarded, one that never was. */
async function imageWithData(): Promise<string> {
  const spec = await scratch.image('volumes', 8 * objectBytes);
  await changeImage(spec, [
    { kind: 'write', offset: 0, length: 7 * objectBytes, seed: 1 },
    { kind: 'discard', offset: 6 * objectBytes, length: objectBytes },
  ]);
  return spec;
}

async function restoredSha256(pointId: string): Promise<string> {
  const { result } = await service.restore({ point: { id: pointId }, mode: 'image' });
  const image = result.disks[0]?.image ?? '';
  scratch.adoptImage(image);
  return await imageSha256(image);
}

test('every object that the increment does not touch is compared, and nothing is found', async () => {
  const spec = await imageWithData();
  assert.equal((await backup(spec)).sampled_objects, 0, 'a full leaves nothing out');
  await changeImage(spec, [{ kind: 'write', offset: 2 * objectBytes + 5000, length: 100, seed: 2 }]);
  const { sampled_objects: sampled, disks } = await backup(spec);
  assert.equal(disks[0]?.kind, 'increment');
  // Those with data, and by chance those without.
  assert.ok(sampled >= 5 && sampled <= 7, `${sampled} objects`);
});

test('a guest that writes, discards and grows the disk meanwhile raises no alarm', async () => {
  const spec = await imageWithData();
  await backup(spec);
  await changeImage(spec, [{ kind: 'write', offset: 2 * objectBytes, length: 100, seed: 3 }]);
  service.hooks.rbd.openObjects = async (at, options) => {
    await changeImage(spec, [
      { kind: 'write', offset: 0, length: 5000, seed: 4 },
      { kind: 'discard', offset: objectBytes, length: objectBytes },
      { kind: 'write', offset: 7 * objectBytes, length: mib, seed: 5 },
      { kind: 'resize', sizeBytes: 9 * objectBytes },
      { kind: 'write', offset: 8 * objectBytes, length: mib, seed: 6 },
    ]);
    return await service.real.rbd.openObjects(at, options);
  };
  const { sampled_objects: sampled, point_id: pointId } = await backup(spec);
  assert.ok(sampled >= 3 && sampled <= 4, `${sampled} objects: what was written since tells nothing`);
  const [point] = await service.pointsOf(`ceph/${spec}`);
  assert.deepEqual([point?.id, point?.state], [pointId, 'complete']);
});

test('a clone, whose missing objects are its parent’s, raises no alarm', async () => {
  const parent = await imageWithData();
  const spec = `${parent}-clone`;
  await rbd('snap', 'create', '--no-progress', `${parent}@base`);
  await rbd('snap', 'protect', `${parent}@base`);
  await rbd('clone', `${parent}@base`, spec);
  try {
    await changeImage(spec, [{ kind: 'write', offset: 3 * objectBytes, length: 4096, seed: 7 }]);
    await backup(spec);
    await changeImage(spec, [{ kind: 'write', offset: 5 * objectBytes, length: 4096, seed: 8 }]);
    const { sampled_objects: sampled, disks } = await backup(spec);
    assert.equal(disks[0]?.kind, 'increment');
    assert.equal(sampled, 1, 'only what was copied up can be told');
  } finally {
    await removeImage(spec);
    await rbd('snap', 'unprotect', `${parent}@base`);
  }
});

test('I8: a from-snapshot that is not the one of the chain is found out; the next backup is a full', async () => {
  const spec = await imageWithData();
  const first = await backup(spec);
  const [taken] = await listSnapshots(spec);
  assert.ok(taken);
  // Written between the true snapshot and the one that takes its name: no export will ever hold it.
  await changeImage(spec, [{ kind: 'write', offset: 4 * objectBytes + 10_000, length: 500, seed: 9 }]);
  await rbd('snap', 'rm', '--no-progress', `${spec}@${taken.name}`);
  await rbd('snap', 'create', '--no-progress', `${spec}@${taken.name}`);
  await changeImage(spec, [{ kind: 'write', offset: objectBytes, length: 4096, seed: 10 }]);
  // Ceph's ids would tell, so they are told wrong.
  service.hooks.rbd.listSnapshots = async (at) =>
    (await service.real.rbd.listSnapshots(at)).map((snapshot) =>
      snapshot.name === taken.name ? { ...snapshot, id: taken.id } : snapshot,
    );
  const { error } = await service.failedBackup({ image: spec });
  service.clear();
  assert.equal(error?.type, 'INTEGRITY_SAMPLE');
  assert.match(error.message, /byte 1678\d{4} of volumes\/.*the next backup is a full/);

  const states = (await service.pointsOf(`ceph/${spec}`)).map(({ id, state }) => [id, state]);
  assert.deepEqual(
    states.map(([, state]) => state),
    ['damaged', 'complete'],
  );
  assert.equal(states[1]?.[0], first.point_id);

  assert.deepEqual(await listSnapshots(spec), [], 'nothing is to stand on what is stored');
  const next = await backup(spec);
  assert.equal(next.disks[0]?.kind, 'full');
  assert.match(next.disks[0].full_reason ?? '', /is not what the store has/);
  assert.equal((await listSnapshots(spec)).length, 1);
  assert.equal(await restoredSha256(next.point_id), await imageSha256(spec));
});

test('without samples nothing is read', async () => {
  const file = join(folder, 'none.yaml');
  await writeFile(file, 'verify: { sample_ranges: 0 }\n');
  const without = await startFaultyService({ env: { EMBERKEEP_CONFIG: file } });
  try {
    without.hooks.rbd.openObjects = () => Promise.reject(new Error('an object was to be read'));
    const spec = await imageWithData();
    await without.backup({ image: spec });
    const { result } = (await without.backup({ image: spec })) as Sampled;
    assert.deepEqual([result.disks[0]?.kind, result.sampled_objects], ['increment', 0]);
  } finally {
    await without.stop();
  }
});
