import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createQueue } from '../../src/drivers/queue/queue.ts';
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

/** One more order for a job that runs, as a worker places that takes its fellow for dead. */
async function orderAgain(jobId: string): Promise<void> {
  const { url, catalog } = scene.database;
  const queue = createQueue({ url, onError: (error) => assert.fail(error) });
  await queue.start();
  try {
    const order = { jobId, kind: 'backup' as const, singletonKey: `${jobId}:again` };
    await catalog.transaction((tx) => queue.enqueue(tx.sql, order));
  } finally {
    await queue.stop({ graceful: false, timeoutMs: 0 });
  }
}

/** Pids of the workers that worked on the disks, one entry for each disk and worker. */
function workedOnDisks(workers: readonly WorkerProcess[]): number[] {
  return workers.flatMap(({ traces, pid }) =>
    scene.disks.flatMap(({ location }) =>
      traces.some(({ image }) => image === location.image) ? [pid] : [],
    ),
  );
}

test('two orders for one job, each with a worker of its own: only one works', async () => {
  const workers = await twoWorkers();
  await changeDisks();
  const streaming = Promise.race(workers.map((worker) => worker.streaming(1)));
  const jobId = await scene.requestBackup();
  await streaming;
  await orderAgain(jobId);
  const job = await scene.ended(jobId);
  assert.deepEqual([job.state, job.attempt], ['succeeded', 1], JSON.stringify(job.error));
  assert.equal(new Set(workedOnDisks(workers)).size, 1);
  await checkState(scene);
  await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
});

test('the database’s clock jumps a day ahead: the running job seems given up, and still is never run twice at once', async () => {
  const workers: [WorkerProcess, WorkerProcess] = [scene.newWorker(), scene.newWorker()];
  // Longer than the queue takes to miss a worker.
  for (const worker of workers) await worker.start(scene.workerEnv, { slowChunkMs: 600 });
  await changeDisks();
  const streaming = Promise.race(workers.map((worker) => worker.streaming(1)));
  const jobId = await scene.requestBackup();
  await streaming;
  const before = await scene.database.catalog.points.list();
  // What such a clock makes of an order: it began, and was last heard of, a day ago.
  const { rowCount } = await scene.database.sql.raw<{ rowCount: number }>(
    `update emberkeep_queue.job set started_on = started_on - interval '1 day', heartbeat_on = heartbeat_on - interval '1 day'
     where state = 'active' and data ->> 'jobId' = ?`,
    [jobId],
  );
  assert.equal(rowCount, 1);
  const job = await scene.ended(jobId);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  const points = await scene.database.catalog.points.list();
  assert.equal(points.length, before.length + 1);
  for (const { location } of scene.disks) {
    const spans = workers
      .map(({ traces }) => spanOf(traces, location.image))
      .filter(({ fromMs }) => Number.isFinite(fromMs))
      .sort((one, other) => one.fromMs - other.fromMs);
    const [first, second] = spans;
    if (first !== undefined && second !== undefined)
      assert.ok(first.toMs < second.fromMs, `${location.image}: both worked on it`);
  }
  await checkState(scene);
  await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
});
