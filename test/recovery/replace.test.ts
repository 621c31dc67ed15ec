/** The steps of mode `replace` that a restore of a volume does not have: the exchange on the instance. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RestoredDisk } from '../../src/domain/restore.ts';
import { restoreMark } from '../../src/workflows/restore/deps.ts';
import { patience } from '../support/devcloud.ts';
import type { KillOrder } from './kill-switch.ts';
import { Relay, spread, sweep } from './relay.ts';
import { openScene, type Scene } from './scene.ts';
import { hashImage, imagesOf, writeRandomly } from './source-disk.ts';
import type { WorkerProcess } from './worker-process.ts';

type Step = Pick<KillOrder, 'name' | 'argument' | 'moment'>;

/** In their order; Nova's own calls are those that it only takes note of, the attachments' end when it is done. */
const steps: Step[] = [
  { name: 'jobs.recordPlan', argument: 'image placed', moment: 'before' },
  { name: 'jobs.recordPlan', argument: 'image placed', moment: 'after' },
  { name: 'jobs.recordPlan', argument: 'volume made', moment: 'before' },
  { name: 'jobs.recordPlan', argument: 'volume made', moment: 'after' },
  { name: 'jobs.recordPlan', argument: 'exchanging the volumes', moment: 'before' },
  { name: 'jobs.recordPlan', argument: 'exchanging the volumes', moment: 'after' },
  { name: 'nova.detachVolume', moment: 'before' },
  { name: 'nova.detachVolume', moment: 'during' },
  { name: 'nova.detachVolume', moment: 'after' },
  { name: 'attachments.detach', moment: 'after' },
  { name: 'nova.attachVolume', moment: 'before' },
  { name: 'nova.attachVolume', moment: 'during' },
  { name: 'nova.attachVolume', moment: 'after' },
  { name: 'attachments.attach', moment: 'after' },
  { name: 'jobs.recordPlan', argument: 'volumes exchanged', moment: 'before' },
  { name: 'jobs.recordPlan', argument: 'volumes exchanged', moment: 'after' },
];

let scene: Scene;
let relay: Relay;
/** What the data disk held at the point. */
let expected: string;

before(async () => {
  scene = await openScene('replace');
  relay = new Relay(scene);
  const { job } = await relay.run(scene.requestBackup);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  const [, data] = scene.disks;
  expected = await hashImage(data.location);
  await writeRandomly(scene.rbd, data);
});
after(async () => {
  await scene.close();
});

function orderOf(step: Step, attempt = 1): KillOrder {
  return { attempt, call: 1, ...step };
}

/** The data volume that is on the instance, and how. */
async function attached() {
  const { nova } = scene.owner;
  const rows = await nova.describeAttachments(await nova.getServer(scene.instanceId));
  const [data, ...others] = rows.filter(({ attachment }) => !attachment.isRoot);
  assert.ok(data !== undefined, 'a data volume is attached');
  assert.deepEqual(others, [], 'and no other');
  const { device, tag, deleteOnTermination } = data.attachment;
  return { volumeId: data.volumeId, device, tag, deleteOnTermination };
}

async function statusOf(volumeId: string): Promise<string> {
  return (await scene.owner.cinder.getVolume(volumeId)).status;
}

async function volumesOfRestore(restoreId: string): Promise<string[]> {
  const volumes = await Array.fromAsync(scene.owner.cinder.listVolumes());
  return volumes
    .filter(({ description }) => description.metadata[restoreMark]?.startsWith(restoreId) === true)
    .map(({ description }) => description.id);
}

/** Images under the restore's own names, of which none may be left. */
async function strayImages(restoreId: string): Promise<string[]> {
  const all = await Promise.all(['backups', 'volumes'].map(imagesOf));
  return all.flat().filter((image) => image.includes(`restore-${restoreId}`));
}

/** A killed exchange is taken to its end: one new volume hangs where the old one did, which is kept. */
async function survive(kill: KillOrder, again?: KillOrder): Promise<string> {
  const was = await attached();
  let restoreId = '';
  const request = async (): Promise<string> => {
    const restore = await scene.requestRestore('replace', scene.disks[1].key);
    restoreId = restore.id;
    return restore.jobId;
  };
  const { job, killed } = await relay.run(request, kill, again);
  assert.notEqual(killed, '', `never came to ${JSON.stringify(kill)}`);
  assert.equal(job.state, 'succeeded', `${killed}: ${JSON.stringify(job.error)}`);
  const [disk, ...others] = job.result?.['disks'] as RestoredDisk[];
  const newVolumeId = disk?.newVolumeId ?? '';
  assert.deepEqual(others, [], killed);
  assert.equal(disk?.replacedVolumeId, was.volumeId, killed);
  assert.deepEqual(await attached(), { ...was, volumeId: newVolumeId }, `${killed}: in its place`);
  assert.equal(await statusOf(newVolumeId), 'in-use', killed);
  assert.equal(await statusOf(was.volumeId), 'available', `${killed}: the old volume is kept`);
  assert.deepEqual(await volumesOfRestore(restoreId), [newVolumeId], `${killed}: one new volume`);
  assert.deepEqual(await strayImages(restoreId), [], `${killed}: no image but the volume's`);
  const location = { cluster: 'ceph', pool: 'volumes', image: `volume-${newVolumeId}` };
  assert.equal(await hashImage(location), expected, `${killed}: the new volume is the point`);
  await forget(was.volumeId);
  return killed;
}

/** The scene's own volumes go at its end. */
async function forget(volumeId: string): Promise<void> {
  if (scene.disks.some((disk) => disk.volumeId === volumeId)) return;
  await scene.owner.cinder.deleteVolume(volumeId);
  await scene.owner.cinder.waitForVolumeGone(volumeId, patience);
}

/** Kills that follow one another in one job. */
const kills: [Step, Step?][] = [
  ...steps.map((step): [Step] => [step]),
  [
    { name: 'nova.detachVolume', moment: 'after' },
    { name: 'nova.attachVolume', moment: 'after' },
  ],
  [
    { name: 'attachments.detach', moment: 'after' },
    { name: 'attachments.attach', moment: 'after' },
  ],
];

test('a replacement killed at any of its steps, or twice, is resumed', sweep, async (t) => {
  for (const [first, second] of spread(t, kills, 2)) {
    t.diagnostic(await survive(orderOf(first), second === undefined ? undefined : orderOf(second, 2)));
  }
});

/** A cancelled replacement leaves the instance as it was, and nothing of itself. */
async function cancel(moment: (runner: WorkerProcess) => Promise<unknown>, step?: Step): Promise<void> {
  const was = await attached();
  const runner = await relay.runner({ kill: step === undefined ? undefined : orderOf(step) });
  const reached = moment(runner);
  const { id, jobId } = await scene.requestRestore('replace', scene.disks[1].key);
  await reached;
  await scene.operations.cancelJob(scene.caller, jobId);
  await relay.runner();
  const job = await scene.ended(jobId);
  assert.equal(job.state, 'cancelled', JSON.stringify(job.error));
  assert.deepEqual(await attached(), was, 'as it was');
  assert.equal(await statusOf(was.volumeId), 'in-use');
  assert.deepEqual(await volumesOfRestore(id), [], 'no volume is left');
  assert.deepEqual(await strayImages(id), [], 'no image is left');
}

test('a replacement that is cancelled while Nova exchanges the volumes gives the old one back', async () => {
  for (const name of ['nova.detachVolume', 'nova.attachVolume'])
    await cancel((runner) => runner.calling(name));
});

test('a replacement that is cancelled while its worker is dead gives the old volume back', async (t) => {
  const moments: Step[] = [
    { name: 'nova.detachVolume', moment: 'after' },
    { name: 'attachments.detach', moment: 'after' },
    { name: 'nova.attachVolume', moment: 'after' },
    { name: 'jobs.recordPlan', argument: 'volumes exchanged', moment: 'before' },
  ];
  for (const step of spread(t, moments, 1)) await cancel((runner) => runner.exited, step);
});
