/** Restores in place and their undo, killed between any two steps: the images' names, the instance's power, its lock. */
import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import type { RestoredDisk } from '../../src/domain/restore.ts';
import { undoMark } from '../../src/workflows/restore/deps.ts';
import type { KillOrder } from './kill-switch.ts';
import { Relay, spread, sweep } from './relay.ts';
import { openScene, type Scene } from './scene.ts';
import { hashImage, imagesOf, writeRandomly } from './source-disk.ts';

type Step = Pick<KillOrder, 'name' | 'argument' | 'moment' | 'call'>;

const around = (name: string, argument: string): Step[] => [
  { call: 1, name, argument, moment: 'before' },
  { call: 1, name, argument, moment: 'after' },
];
const within = (name: string, ...calls: number[]): Step[] =>
  calls.flatMap((call) => (['before', 'during', 'after'] as const).map((moment) => ({ call, name, moment })));

/** The instance off, and as it was afterwards. */
const holding: Step[] = [
  ...around('jobs.recordPlan', 'stopping instance'),
  ...within('nova.lockServer', 1),
  ...within('nova.stopServer', 1),
  ...around('jobs.recordPlan', 'instance'),
];
const releasing: Step[] = [
  ...within('nova.startServer', 1),
  ...within('nova.unlockServer', 1),
  ...around('jobs.recordPlan', 'instance released'),
];

const restoring: Step[] = [
  ...within('rbd.commitMigration', 1, 2),
  ...holding,
  ...around('jobs.recordPlan', 'swapping the image'),
  ...within('rbd.setImageMark', 1),
  ...within('rbd.renameImage', 1, 2, 3, 4),
  ...around('jobs.recordPlan', 'image swapped'),
  ...within('undo.allow', 1),
  ...releasing,
];

const undoing: Step[] = [
  ...holding,
  ...within('rbd.renameImage', 1, 2, 3, 4),
  ...within('rbd.clearImageMark', 1, 2),
  ...around('jobs.recordPlan', 'the disks are what'),
  ...within('rbd.removeImage', 1, 2),
  ...releasing,
  ...within('undo.done', 1),
];

let scene: Scene;
let relay: Relay;
/** What the disks held at the point. */
let expected: string[];

before(async () => {
  scene = await openScene('inplace');
  relay = new Relay(scene);
  const { job } = await relay.run(scene.requestBackup);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  expected = await hashes();
});
after(async () => {
  await scene.close();
});

async function hashes(): Promise<string[]> {
  const found: string[] = [];
  for (const { location } of scene.disks) found.push(await hashImage(location));
  return found;
}

/** Ids, attachments and state: what nobody may see a difference of. */
async function view() {
  const { nova, cinder } = scene.owner;
  const server = await nova.getServer(scene.instanceId);
  const volumes = await Promise.all(scene.disks.map(({ volumeId }) => cinder.getVolume(volumeId)));
  return { state: server.state, attachments: await nova.describeAttachments(server), volumes };
}

async function imagesNamed(restoreId: string): Promise<string[]> {
  const all = await Promise.all(['backups', 'volumes'].map(imagesOf));
  return all.flat().filter((image) => image.includes(restoreId));
}

interface Begun {
  restoreId: string;
  /** Before the restore. */
  was: { hashes: string[]; view: Awaited<ReturnType<typeof view>> };
}

async function change(): Promise<Begun['was']> {
  for (const disk of scene.disks) await writeRandomly(scene.rbd, disk);
  return { hashes: await hashes(), view: await view() };
}

/** Overwrites, restores in place, and looks whether all is as it must be, wherever the restore was killed. */
async function restore(kill?: KillOrder, again?: KillOrder): Promise<Begun & { killed: string }> {
  const was = await change();
  let restoreId = '';
  const request = async (): Promise<string> => {
    const asked = await scene.requestRestore('in-place');
    restoreId = asked.id;
    return asked.jobId;
  };
  const { job, killed } = await relay.run(request, kill, again);
  if (kill !== undefined) assert.notEqual(killed, '', `never came to ${JSON.stringify(kill)}`);
  assert.equal(job.state, 'succeeded', `${killed}: ${JSON.stringify(job.error)}`);
  const disks = job.result?.['disks'] as RestoredDisk[];
  assert.deepEqual(await hashes(), expected, `${killed}: the disks are the point`);
  assert.deepEqual(await view(), was.view, `${killed}: the cloud shows what it did`);
  const kept = disks.map(({ keptImage = '' }) => keptImage.replace('volumes/', ''));
  assert.deepEqual(await imagesNamed(restoreId), kept, `${killed}: no image but those that are kept`);
  for (const [index, image] of kept.entries()) {
    const location = { cluster: 'ceph', pool: 'volumes', image };
    assert.equal(await hashImage(location), was.hashes[index], `${killed}: kept as it was`);
    assert.equal(await scene.rbd.readImageMark(location, undoMark), `${restoreId}:${image}`, killed);
  }
  return { restoreId, was, killed };
}

async function undo({ restoreId, was }: Begun, kill?: KillOrder): Promise<string> {
  const request = async (): Promise<string> =>
    (await scene.operations.requestUndo(scene.caller, restoreId)).id;
  const { job, killed } = await relay.run(request, kill);
  if (kill !== undefined) assert.notEqual(killed, '', `never came to ${JSON.stringify(kill)}`);
  assert.equal(job.state, 'succeeded', `${killed}: ${JSON.stringify(job.error)}`);
  assert.deepEqual(await hashes(), was.hashes, `${killed}: the disks are as before the restore`);
  assert.deepEqual(await view(), was.view, `${killed}: the cloud shows what it did`);
  assert.deepEqual(await imagesNamed(restoreId), [], `${killed}: nothing is left of the restore`);
  assert.equal((await scene.operations.showRestore(scene.caller, restoreId)).state, 'undone', killed);
  return killed;
}

function orderOf(step: Step, attempt = 1): KillOrder {
  return { ...step, attempt };
}

/** Each round kills a restore and the undo of it. */
async function rounds(t: TestContext, atMost: number): Promise<void> {
  const undos = spread(t, undoing, atMost);
  const restores = spread(t, restoring, atMost);
  for (let round = 0; round < Math.max(undos.length, restores.length); round++) {
    const [first, second] = [restores[round], undos[round]];
    const begun = await restore(first && orderOf(first));
    if (begun.killed !== '') t.diagnostic(`restore ${begun.killed}`);
    const killed = await undo(begun, second && orderOf(second));
    if (killed !== '') t.diagnostic(`undo ${killed}`);
  }
}

test('a restore in place, then its undo, killed at any of their steps, are resumed', sweep, async (t) => {
  await rounds(t, 4);
});

test('a restore in place that is killed twice between its renamings is resumed', async (t) => {
  const first: Step = { call: 1, name: 'rbd.renameImage', moment: 'after' };
  const begun = await restore(orderOf(first), orderOf({ ...first, call: 2 }, 2));
  t.diagnostic(begun.killed);
  await undo(begun);
});

/** As it was before anything was asked, and nothing is left. */
async function cancelled(step: Step): Promise<void> {
  const was = await change();
  const runner = await relay.runner({ kill: orderOf(step) });
  const { id, jobId } = await scene.requestRestore('in-place');
  await runner.exited;
  await scene.operations.cancelJob(scene.caller, jobId);
  await relay.runner();
  const job = await scene.ended(jobId);
  assert.equal(job.state, 'cancelled', `${runner.lastWords}: ${JSON.stringify(job.error)}`);
  assert.deepEqual(await hashes(), was.hashes, runner.lastWords);
  assert.deepEqual(await view(), was.view, runner.lastWords);
  assert.deepEqual(await imagesNamed(id), [], `${runner.lastWords}: no image is left`);
}

test(
  'a restore in place that is cancelled while its worker is dead gives everything back',
  sweep,
  async (t) => {
    const steps: Step[] = [
      { call: 1, name: 'nova.stopServer', moment: 'after' },
      { call: 1, name: 'rbd.renameImage', moment: 'after' },
      { call: 2, name: 'rbd.renameImage', moment: 'after' },
      { call: 3, name: 'rbd.renameImage', moment: 'after' },
    ];
    for (const step of spread(t, steps, 2)) await cancelled(step);
  },
);

test('an undo that is cancelled while its worker is dead leaves the restored state, and may be asked again', async () => {
  const begun = await restore();
  const runner = await relay.runner({ kill: orderOf({ call: 3, name: 'rbd.renameImage', moment: 'after' }) });
  const { id } = await scene.operations.requestUndo(scene.caller, begun.restoreId);
  await runner.exited;
  await scene.operations.cancelJob(scene.caller, id);
  await relay.runner();
  assert.equal((await scene.ended(id)).state, 'cancelled', runner.lastWords);
  assert.deepEqual(await hashes(), expected, runner.lastWords);
  assert.deepEqual(await view(), begun.was.view, runner.lastWords);
  await undo(begun);
});
