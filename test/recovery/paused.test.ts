/** A worker that is killed while it has an instance paused: the guest runs again, whatever becomes of the job. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkState } from './check-state.ts';
import type { KillOrder } from './kill-switch.ts';
import { Relay, spread, sweep } from './relay.ts';
import { openScene, type Scene } from './scene.ts';
import { writeRandomly } from './source-disk.ts';

type Step = Pick<KillOrder, 'name' | 'argument' | 'moment'>;

/** In their order. */
const steps: Step[] = [
  { name: 'jobs.recordPlan', argument: 'pausing the instance', moment: 'after' },
  { name: 'nova.pauseServer', moment: 'before' },
  { name: 'nova.pauseServer', moment: 'during' },
  { name: 'nova.pauseServer', moment: 'after' },
  { name: 'rbd.createSnapshot', moment: 'before' },
  { name: 'rbd.createSnapshot', moment: 'after' },
  { name: 'nova.unpauseServer', moment: 'before' },
  { name: 'nova.unpauseServer', moment: 'during' },
  { name: 'nova.unpauseServer', moment: 'after' },
  { name: 'jobs.recordPlan', argument: 'snapshots taken', moment: 'before' },
  { name: 'jobs.recordPlan', argument: 'snapshots taken', moment: 'after' },
];
const whilePaused: Step = { name: 'nova.unpauseServer', moment: 'before' };

let scene: Scene;
let relay: Relay;

before(async () => {
  scene = await openScene('paused');
  relay = new Relay(scene);
});
after(async () => {
  await scene.close();
});

function orderOf(step: Step, attempt = 1): KillOrder {
  return { attempt, call: 1, ...step };
}

async function requestPaused(): Promise<string> {
  const target = { kind: 'instance' as const, nameOrId: scene.instanceId };
  const request = { target, full: false, consistency: 'paused' as const };
  const [job] = await scene.operations.requestBackup(scene.caller, request);
  assert.ok(job);
  return job.id;
}

async function status(): Promise<string> {
  return (await scene.owner.nova.getServerState(scene.instanceId)).status;
}

async function survive(step: Step, again?: Step): Promise<string> {
  await Promise.all(scene.disks.map((disk) => writeRandomly(scene.rbd, disk)));
  const second = again === undefined ? undefined : orderOf(again, 2);
  const { job, killed } = await relay.run(requestPaused, orderOf(step), second);
  assert.notEqual(killed, '', `never came to ${JSON.stringify(step)}`);
  assert.equal(job.state, 'succeeded', `${killed}: ${JSON.stringify(job.error)}`);
  assert.equal(await status(), 'ACTIVE', killed);
  const point = await scene.database.catalog.points.get(String(job.result?.['pointId']));
  assert.equal(point?.manifest.consistency, 'paused', killed);
  await checkState(scene);
  return killed;
}

test('a backup killed while it has the instance paused is resumed, and the guest runs', sweep, async (t) => {
  for (const step of spread(t, steps, 3)) t.diagnostic(await survive(step));
  t.diagnostic(await survive(whilePaused, { name: 'nova.unpauseServer', moment: 'before' }));
});

/** A worker that dies while the instance is paused; gives the job. */
async function leavePaused(): Promise<string> {
  const runner = await relay.runner({ kill: orderOf(whilePaused) });
  const jobId = await requestPaused();
  await runner.exited;
  assert.equal(await status(), 'PAUSED');
  return jobId;
}

test('a cancelled job whose worker died leaves the guest running and no snapshot', async () => {
  const jobId = await leavePaused();
  await scene.operations.cancelJob(scene.caller, jobId);
  await relay.runner();
  const job = await scene.ended(jobId);
  assert.equal(job.state, 'cancelled', JSON.stringify(job.error));
  assert.equal(await status(), 'ACTIVE');
  await checkState(scene);
});

test('the guest runs before any worker has room for its job', async () => {
  const jobId = await leavePaused();
  const next = scene.newWorker();
  // Dies at the first thing that the resumed job does.
  await next.start(scene.workerEnv, { kill: { attempt: 2, call: 1, moment: 'before' } });
  await next.exited;
  assert.equal(await status(), 'ACTIVE');
  await relay.runner();
  assert.equal((await scene.ended(jobId)).state, 'succeeded');
  await checkState(scene);
});
