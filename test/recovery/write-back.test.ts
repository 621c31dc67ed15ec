/** Write-backs into a disk's own image and their undo, killed between any two steps: bytes, snapshots, power, lock. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { patience } from '../support/devcloud.ts';
import type { KillOrder } from './kill-switch.ts';
import { Relay, spread, sweep } from './relay.ts';
import { openScene, type Scene, type SourceDisk } from './scene.ts';
import { hashImage, imagesOf, writeRandomly } from './source-disk.ts';

type Step = Pick<KillOrder, 'name' | 'argument' | 'moment' | 'call'>;

const around = (argument: string): Step[] =>
  (['before', 'after'] as const).map((moment) => ({
    call: 1,
    name: 'jobs.recordPlan',
    argument,
    moment,
  }));
const within = (name: string, ...calls: number[]): Step[] =>
  calls.flatMap((call) => (['before', 'during', 'after'] as const).map((moment) => ({ call, name, moment })));

/** The first import fills the fresh image, the second writes into the disk; exports 3 and 4 read it back. */
const restoring: Step[] = [
  ...around('writing back into'),
  ...within('rbd.createSnapshot', 1),
  ...around('safety snapshot taken'),
  ...within('rbd.exportDiff', 1, 3),
  ...within('rbd.importDiff', 2),
  ...around('written back into'),
  ...within('undo.allow', 1),
  ...within('rbd.removeImage', 1),
];
const undoing: Step[] = [
  ...around('putting back'),
  ...within('rbd.createSnapshot', 1),
  ...within('rbd.importDiff', 1),
  ...within('rbd.exportDiff', 3),
  ...around('the disks are what'),
  ...within('rbd.removeSnapshot', 1, 2),
  ...within('undo.done', 1),
];

let scene: Scene;
let relay: Relay;
/** The root disk, on which a snapshot of Cinder's hangs. */
let disk: SourceDisk;
let snapshotId: string;
/** What the disk held at the point, and at that snapshot. */
let expected: { point: string; snapshot: string; names: string[] };

before(async () => {
  scene = await openScene('writeback');
  relay = new Relay(scene);
  [disk] = scene.disks;
  snapshotId = await takeSnapshot();
  const snapshot = await hashImage(disk.location, `snapshot-${snapshotId}`);
  await writeRandomly(scene.rbd, disk);
  const { job } = await relay.run(scene.requestBackup);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  expected = { point: await hash(), snapshot, names: await names() };
});
after(async () => {
  await cinder('DELETE', `/snapshots/${snapshotId}`);
  await untilSnapshots(({ length }) => length === 0);
  await scene.close();
});

async function cinder(method: 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
  const block = scene.owner.keystone.service('block-storage');
  const request = { method, path, expected: [202] };
  return (await block.request(body === undefined ? request : { ...request, body })).body;
}

async function takeSnapshot(): Promise<string> {
  const snapshot = { volume_id: disk.volumeId, force: true };
  const made = (await cinder('POST', '/snapshots', { snapshot })) as { snapshot: { id: string } };
  await untilSnapshots((rows) => rows.some(({ status }) => status === 'available'));
  return made.snapshot.id;
}

async function untilSnapshots(done: (rows: { status: string }[]) => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < patience.timeoutMs; waitedMs += 250) {
    if (done(await scene.owner.cinder.listSnapshots(disk.volumeId))) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assert.fail('the snapshots did not settle');
}

function hash(): Promise<string> {
  return hashImage(disk.location);
}

async function names(): Promise<string[]> {
  return (await scene.rbd.listSnapshots(disk.location)).map(({ name }) => name).toSorted();
}

/** Ids, attachments and state: what nobody may see a difference of. */
async function view() {
  const server = await scene.owner.nova.getServer(scene.instanceId);
  const volume = await scene.owner.cinder.getVolume(disk.volumeId);
  const { imageId } = await scene.rbd.showImage(disk.location);
  return { state: server.state, volume, imageId };
}

interface Begun {
  restoreId: string;
  was: { hash: string; view: Awaited<ReturnType<typeof view>> };
  killed: string;
}

async function change(): Promise<Begun['was']> {
  await writeRandomly(scene.rbd, disk);
  return { hash: await hash(), view: await view() };
}

/** What holds whatever was killed. */
async function check(
  what: string,
  { was }: Pick<Begun, 'was'>,
  restoreId: string,
  own: number,
): Promise<void> {
  assert.deepEqual(await view(), was.view, `${what}: the cloud shows what it did`);
  const snapshot = await hashImage(disk.location, `snapshot-${snapshotId}`);
  assert.equal(snapshot, expected.snapshot, `${what}: the snapshot of Cinder's is intact`);
  const others = (await names()).filter((name) => !name.includes(restoreId));
  assert.deepEqual(others, expected.names, `${what}: no other snapshot came or went`);
  assert.equal((await names()).length - others.length, own, `${what}: snapshots of the restore`);
  const images = (await Promise.all(['backups', 'volumes'].map(imagesOf))).flat();
  assert.deepEqual(
    images.filter((image) => image.includes(restoreId)),
    [],
    `${what}: no image is left`,
  );
}

async function restore(kill?: KillOrder): Promise<Begun> {
  const was = await change();
  let restoreId = '';
  const request = async (): Promise<string> => {
    const asked = await scene.requestRestore('in-place', disk.key);
    restoreId = asked.id;
    return asked.jobId;
  };
  const { job, killed } = await relay.run(request, kill);
  if (kill !== undefined) assert.notEqual(killed, '', `never came to ${JSON.stringify(kill)}`);
  assert.equal(job.state, 'succeeded', `${killed}: ${JSON.stringify(job.error)}`);
  assert.equal(await hash(), expected.point, `${killed}: the disk is the point`);
  await check(killed, { was }, restoreId, 1);
  return { restoreId, was, killed };
}

async function undo({ restoreId, was }: Begun, kill?: KillOrder): Promise<string> {
  const request = async (): Promise<string> =>
    (await scene.operations.requestUndo(scene.caller, restoreId)).id;
  const { job, killed } = await relay.run(request, kill);
  if (kill !== undefined) assert.notEqual(killed, '', `never came to ${JSON.stringify(kill)}`);
  assert.equal(job.state, 'succeeded', `${killed}: ${JSON.stringify(job.error)}`);
  assert.equal(await hash(), was.hash, `${killed}: the disk is as before the restore`);
  await check(killed, { was }, restoreId, 0);
  assert.equal((await scene.operations.showRestore(scene.caller, restoreId)).state, 'undone', killed);
  return killed;
}

test('I9: a write-back, then its undo, killed at any of their steps, are resumed', sweep, async (t) => {
  const undos = spread(t, undoing, 2);
  const restores = spread(t, restoring, 2);
  for (let round = 0; round < Math.max(undos.length, restores.length); round++) {
    const [first, second] = [restores[round], undos[round]];
    const begun = await restore(first && { ...first, attempt: 1 });
    if (begun.killed !== '') t.diagnostic(`restore ${begun.killed}`);
    const killed = await undo(begun, second && { ...second, attempt: 1 });
    if (killed !== '') t.diagnostic(`undo ${killed}`);
  }
});

test('a write-back that is cancelled while its worker is dead gives everything back', async () => {
  const was = await change();
  const kill: KillOrder = { attempt: 1, call: 2, name: 'rbd.importDiff', moment: 'after' };
  const runner = await relay.runner({ kill });
  const { id, jobId } = await scene.requestRestore('in-place', disk.key);
  await runner.exited;
  assert.equal(await hash(), expected.point, runner.lastWords);
  await scene.operations.cancelJob(scene.caller, jobId);
  await relay.runner();
  const job = await scene.ended(jobId);
  assert.equal(job.state, 'cancelled', `${runner.lastWords}: ${JSON.stringify(job.error)}`);
  assert.equal(await hash(), was.hash, runner.lastWords);
  await check(runner.lastWords, { was }, id, 0);
});

/** The way back of a restore that was cancelled, in the attempt that takes it. */
const goingBack: Step[] = [
  ...around('taking back'),
  ...within('rbd.createSnapshot', 1),
  ...within('rbd.importDiff', 1),
  ...around('what was there is back'),
  ...around('instance released'),
  ...within('rbd.removeSnapshot', 1, 2),
  ...within('rbd.removeImage', 1),
];

test(
  'I9: a way back that is killed at any of its steps is gone to its end by the next attempt',
  sweep,
  async (t) => {
    for (const step of spread(t, goingBack, 2)) {
      const was = await change();
      const first = await relay.runner({
        kill: { attempt: 1, call: 2, name: 'rbd.importDiff', moment: 'after' },
      });
      const { id, jobId } = await scene.requestRestore('in-place', disk.key);
      await first.exited;
      await scene.operations.cancelJob(scene.caller, jobId);
      const second = await relay.runner({ kill: { ...step, attempt: 2 } });
      await Promise.race([second.exited, scene.ended(jobId)]);
      assert.equal(second.isAlive, false, `never came to ${JSON.stringify(step)}`);
      await relay.runner();
      const job = await scene.ended(jobId);
      const what = second.lastWords.trim();
      t.diagnostic(what);
      assert.equal(job.state, 'cancelled', `${what}: ${JSON.stringify(job.error)}`);
      assert.equal(await hash(), was.hash, what);
      await check(what, { was }, id, 0);
    }
  },
);

test('an undo that is cancelled while its worker is dead leaves the restored state, and may be asked again', async () => {
  const begun = await restore();
  const kill: KillOrder = { attempt: 1, call: 1, name: 'rbd.importDiff', moment: 'after' };
  const runner = await relay.runner({ kill });
  const { id } = await scene.operations.requestUndo(scene.caller, begun.restoreId);
  await runner.exited;
  assert.equal(await hash(), begun.was.hash, runner.lastWords);
  await scene.operations.cancelJob(scene.caller, id);
  await relay.runner();
  assert.equal((await scene.ended(id)).state, 'cancelled', runner.lastWords);
  assert.equal(await hash(), expected.point, runner.lastWords);
  await check(runner.lastWords, begun, begun.restoreId, 1);
  await undo(begun);
});
