import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { checkState } from './check-state.ts';
import type { KillOrder } from './kill-switch.ts';
import { Relay, spread } from './relay.ts';
import { openScene, type Scene } from './scene.ts';
import { writeRandomly } from './source-disk.ts';
import type { WorkerProcess } from './worker-process.ts';

const slowChunkMs = 60;
let scene: Scene;
let relay: Relay;

before(async () => {
  scene = await openScene('stop');
  relay = new Relay(scene);
  const { job } = await relay.run(scene.requestBackup);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
});
afterEach(async () => {
  await checkState(scene);
});
after(async () => {
  await scene.close();
});

/** A backup that is in the middle of its streams. */
async function startBackup(kill?: KillOrder): Promise<{ jobId: string; runner: WorkerProcess }> {
  await Promise.all(scene.disks.map((disk) => writeRandomly(scene.rbd, disk, 2 ** 20)));
  const runner = await relay.runner({ kill, slowChunkMs });
  const streaming = runner.streaming(128 * 1024);
  const jobId = await scene.requestBackup();
  await streaming;
  return { jobId, runner };
}

test('a worker that is told to stop leaves its job to the next one', async () => {
  const { jobId, runner } = await startBackup();
  const before = await scene.database.catalog.jobs.get(jobId);
  await runner.end('SIGTERM');
  const left = await scene.database.catalog.jobs.get(jobId);
  assert.equal(left?.state, 'running');
  await relay.runner();
  const job = await scene.ended(jobId);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  assert.equal(job.result?.['pointId'], before?.plan['pointId'], 'it went on instead of starting over');
});

test('a backup that is cancelled while it runs is undone', async () => {
  const { jobId } = await startBackup();
  await scene.operations.cancelJob(scene.caller, jobId);
  assert.equal((await scene.ended(jobId)).state, 'cancelled');
  const points = await scene.database.catalog.points.list();
  assert.deepEqual(
    points.filter((point) => point.jobId === jobId),
    [],
  );
});

test('a cancelled backup whose worker is killed while it undoes it is undone by the next one', async (t) => {
  const steps = [
    ['store.removePoint', 'before'],
    ['store.removePoint', 'after'],
    ['rbd.removeSnapshot', 'before'],
    ['rbd.removeSnapshot', 'after'],
  ] as const;
  for (const [name, moment] of spread(t, steps, 2)) {
    const { jobId, runner } = await startBackup({ attempt: 1, call: 1, name, moment });
    await scene.operations.cancelJob(scene.caller, jobId);
    await runner.exited;
    await relay.runner();
    assert.equal((await scene.ended(jobId)).state, 'cancelled', runner.lastWords);
    await checkState(scene);
  }
});

test('the next backup after all that is an increment', async () => {
  const { job } = await relay.run(scene.requestBackup);
  const disks = job.result?.['disks'] as { kind: string }[];
  assert.deepEqual(
    disks.map(({ kind }) => kind),
    ['increment', 'increment'],
  );
});
