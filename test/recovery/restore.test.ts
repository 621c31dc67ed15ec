import assert from 'node:assert/strict';
import { after, afterEach, before, test, type TestContext } from 'node:test';
import { formatLocation } from '../../src/domain/disk.ts';
import type { RestoredDisk, RestoreMode } from '../../src/domain/restore.ts';
import { restoreMark } from '../../src/workflows/restore/deps.ts';
import { Cleanup, patience } from '../support/devcloud.ts';
import type { KillOrder } from './kill-switch.ts';
import { killPoints, Relay, spread, sweep } from './relay.ts';
import { openScene, type Scene } from './scene.ts';
import { hashImage, imagesOf, writeRandomly } from './source-disk.ts';

let scene: Scene;
let relay: Relay;
/** What the two disks held at the point, by their key. */
let expected: Map<string, string>;
const results = new Cleanup();

before(async () => {
  scene = await openScene('restore');
  relay = new Relay(scene);
  for (let round = 0; round < 2; round++) {
    const { job } = await relay.run(scene.requestBackup);
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
    expected = new Map();
    for (const { key, location } of scene.disks) expected.set(key, await hashImage(location));
    await Promise.all(scene.disks.map((disk) => writeRandomly(scene.rbd, disk)));
  }
});
afterEach(async () => {
  await results.run();
});
after(async () => {
  await scene.close();
});

interface Outcome {
  killed: string;
  calls: number;
}

/** A killed restore is resumed: its result is right, and nothing else of it is left anywhere. */
async function survive(mode: RestoreMode, diskKey?: string, kill?: KillOrder): Promise<Outcome> {
  let restoreId = '';
  const request = async (): Promise<string> => {
    const restore = await scene.requestRestore(mode, diskKey);
    restoreId = restore.id;
    return restore.jobId;
  };
  const { job, killed, calls } = await relay.run(request, kill);
  const where = killed === '' && kill !== undefined ? `not reached: ${JSON.stringify(kill)}` : killed;
  assert.equal(job.state, 'succeeded', `${where}: ${JSON.stringify(job.error)}`);
  const disks = job.result?.['disks'] as RestoredDisk[];
  keepForCleanup(disks);
  await checkResult(restoreId, disks, where);
  await results.run();
  return { killed: where, calls };
}

function keepForCleanup(disks: RestoredDisk[]): void {
  for (const { image, newVolumeId } of disks) {
    results.add(async () => {
      if (newVolumeId === undefined) {
        await scene.rbd.removeImage(locationOf(image));
        return;
      }
      await scene.owner.cinder.deleteVolume(newVolumeId);
      await scene.owner.cinder.waitForVolumeGone(newVolumeId, patience);
    });
  }
}

async function checkResult(restoreId: string, disks: RestoredDisk[], where: string): Promise<void> {
  for (const { diskKey, image } of disks) {
    assert.equal(
      await hashImage(locationOf(image)),
      expected.get(diskKey),
      `${where}: ${image} is the point`,
    );
    assert.deepEqual(await scene.rbd.listSnapshots(locationOf(image)), [], `${where}: no snapshot is left`);
    assert.equal(await scene.rbd.migrationState(locationOf(image)), 'none', `${where}: no migration is open`);
  }
  const made = disks.map(({ image }) => image);
  assert.deepEqual(
    await imagesOfRestore(restoreId, made),
    made.toSorted(),
    `${where}: no image but the result`,
  );
  const volumes = disks.flatMap(({ newVolumeId }) => newVolumeId ?? []);
  assert.deepEqual(await volumesOfRestore(restoreId), volumes, `${where}: one volume a disk`);
}

/** Images under the restore's own names, and those that are its result. */
async function imagesOfRestore(restoreId: string, made: string[]): Promise<string[]> {
  const all = await Promise.all(
    ['backups', 'volumes'].map(async (pool) => (await imagesOf(pool)).map((image) => `${pool}/${image}`)),
  );
  return all
    .flat()
    .filter((image) => image.includes(`restore-${restoreId}`) || made.includes(image))
    .sort();
}

async function volumesOfRestore(restoreId: string): Promise<string[]> {
  const volumes = await Array.fromAsync(scene.owner.cinder.listVolumes());
  return volumes
    .filter(({ description }) => description.metadata[restoreMark]?.startsWith(restoreId) === true)
    .map(({ description }) => description.id);
}

function locationOf(image: string): { cluster: string; pool: string; image: string } {
  const [pool = '', name = ''] = image.split('/');
  assert.equal(formatLocation({ cluster: 'ceph', pool, image: name }), image);
  return { cluster: 'ceph', pool, image: name };
}

async function surviveEverywhere(
  t: TestContext,
  mode: RestoreMode,
  diskKey: string | undefined,
  atMost: number,
): Promise<void> {
  const { calls } = await survive(mode, diskKey);
  for (const [index, call] of killPoints(t, calls, atMost).entries()) {
    const moment = index % 2 === 0 ? 'after' : 'before';
    t.diagnostic((await survive(mode, diskKey, { attempt: 1, call, moment })).killed);
  }
}

test('a restore of images killed between any two steps is resumed', sweep, async (t) => {
  await surviveEverywhere(t, 'image', undefined, 3);
});

test(
  'a restore of a volume killed between any two steps is resumed, and makes one volume',
  sweep,
  async (t) => {
    await surviveEverywhere(t, 'volume', scene.disks[1].key, 3);
  },
);

test('a restore killed in the middle of an import, its rbd with it, is resumed', async (t) => {
  const kill: KillOrder = {
    attempt: 1,
    call: 0,
    moment: 'before',
    streamBytes: 3 * 2 ** 20,
    wholeGroup: true,
  };
  t.diagnostic((await survive('image', scene.disks[0].key, kill)).killed);
});

test('a restore killed while its image becomes a volume is resumed, and makes one volume', async (t) => {
  const steps = [
    ['rbd.prepareMigration', 'during'],
    ['rbd.executeMigration', 'during'],
    ['rbd.commitMigration', 'during'],
    ['cinder.manageVolume', 'after'],
  ] as const;
  for (const [name, moment] of spread(t, steps, 2)) {
    const kill: KillOrder = { attempt: 1, call: 1, name, moment };
    t.diagnostic((await survive('volume', scene.disks[1].key, kill)).killed);
  }
});

test('a restore that is cancelled while its worker is dead is undone by the next one', async () => {
  for (const moment of ['before', 'after'] as const) {
    const kill: KillOrder = { attempt: 1, call: 1, name: 'cinder.manageVolume', moment };
    const runner = await relay.runner({ kill });
    const { id, jobId } = await scene.requestRestore('volume', scene.disks[1].key);
    await runner.exited;
    await scene.operations.cancelJob(scene.caller, jobId);
    await relay.runner();
    assert.equal((await scene.ended(jobId)).state, 'cancelled', runner.lastWords);
    assert.deepEqual(await imagesOfRestore(id, []), [], `${runner.lastWords}: no image is left`);
    assert.deepEqual(await volumesOfRestore(id), [], `${runner.lastWords}: no volume is left`);
  }
});
