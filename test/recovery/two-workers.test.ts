import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkState } from './check-state.ts';
import type { Trace } from './kill-switch.ts';
import { openScene, type Scene } from './scene.ts';
import { writeRandomly } from './source-disk.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A stream that takes seconds, so that both workers have something to do at the same time. */
const slowChunkMs = 60;
/** A stream that does not end before its worker does. */
const forEverMs = 3_600_000;
let scene: Scene;

before(async () => {
  scene = await openScene('two');
});
after(async () => {
  await scene.close();
});

async function changeDisks(): Promise<void> {
  await Promise.all(scene.disks.map((disk) => writeRandomly(scene.rbd, disk, 2 ** 20)));
}

async function twoWorkers(): Promise<[WorkerProcess, WorkerProcess]> {
  const workers: [WorkerProcess, WorkerProcess] = [scene.newWorker(), scene.newWorker()];
  for (const worker of workers) await worker.start(scene.workerEnv, { slowChunkMs });
  return workers;
}

/** From the first to the last time that the worker changed or read a disk's snapshots. */
function spanOf(traces: readonly Trace[], image: string): { fromMs: number; toMs: number } {
  const times = traces.filter((trace) => trace.image === image).map(({ atMs }) => atMs);
  return { fromMs: Math.min(...times), toMs: Math.max(...times) };
}

test('two workers never work on the same disk', async () => {
  const workers = await twoWorkers();
  await changeDisks();
  const jobs = [await scene.requestBackup(), await scene.requestBackup()];
  for (const jobId of jobs) {
    const job = await scene.ended(jobId);
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  }
  for (const { location } of scene.disks) {
    const [one, other] = workers.map(({ traces }) => spanOf(traces, location.image));
    assert.ok(one !== undefined && other !== undefined);
    assert.ok(
      Number.isFinite(one.fromMs) && Number.isFinite(other.fromMs),
      'each worker ran one of the jobs',
    );
    const overlapMs = Math.min(one.toMs, other.toMs) - Math.max(one.fromMs, other.fromMs);
    assert.ok(overlapMs < 0, `${location.image}: both worked on it for ${overlapMs} ms`);
  }
  await checkState(scene);
  await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
});

test('the job of a killed worker goes on in another, also after that one backed up the same disks', async (t) => {
  const first = scene.newWorker();
  await first.start(scene.workerEnv, { slowChunkMs: forEverMs });
  await changeDisks();
  const streaming = first.streaming(1);
  const orphan = await scene.requestBackup();
  await streaming;
  const second = scene.newWorker();
  await second.start(scene.workerEnv);
  // It waits for the disks, and gets them at the moment of the kill, before anybody misses the first worker.
  const later = await scene.requestBackup();
  await changeDisks();
  await first.end('SIGKILL');
  const killedAt = process.hrtime.bigint();
  assert.equal((await scene.ended(later)).state, 'succeeded');
  const job = await scene.ended(orphan);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  assert.ok(job.attempt > 1, 'another attempt ended it');
  t.diagnostic(`ended ${(process.hrtime.bigint() - killedAt) / 1_000_000n} ms after the kill`);
  await checkState(scene);
  await second.end('SIGTERM');
});
