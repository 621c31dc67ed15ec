import type { WorkerDeps } from './deps.ts';
import { runJob } from './run-job.ts';

const adoptIntervalMs = 5_000;

/** Takes up what died workers left, now and from time to time, and orders as they come; returns what ends the former. */
export async function startWorker(
  deps: WorkerDeps,
  { concurrency }: { concurrency: number },
): Promise<() => void> {
  await adoptOrphans(deps);
  await deps.queue.work((order) => runJob(deps, order), { concurrency });
  const timer = setInterval(() => {
    adoptOrphans(deps).catch((error: unknown) => {
      deps.onError('orphaned jobs could not be looked for', error, {});
    });
  }, adoptIntervalMs);
  return () => clearInterval(timer);
}

/**
 * A job that is unfinished though nobody holds its lock lost its worker. Its order would come back by itself once the
 * queue misses the heartbeats; a new order brings it back at once. Orders too many do no harm: the lock decides.
 */
export async function adoptOrphans(deps: WorkerDeps): Promise<string[]> {
  const { catalog, locks, queue, rescue } = deps;
  const adopted: string[] = [];
  for (const job of await catalog.jobs.unfinished()) {
    const { id: jobId, kind, state } = job;
    // A queued job has had no worker yet: its first order is still there.
    if (state !== 'running') continue;
    const lock = await locks.acquire(`job:${jobId}`);
    if (lock === undefined) continue;
    try {
      await rescue?.(job).catch((error: unknown) =>
        deps.onError('what a dead worker left could not be put right yet', error, { jobId }),
      );
      await catalog.transaction((tx) =>
        queue.enqueue(tx.sql, { jobId, kind, singletonKey: `${jobId}:adopted` }),
      );
      adopted.push(jobId);
    } catch (error) {
      // Another worker that started at the same moment has placed the order.
      if (!(error instanceof Error && 'code' in error && error.code === 'CONFLICT_ALREADY_QUEUED'))
        throw error;
    } finally {
      await lock.release();
    }
  }
  return adopted;
}
