import type { Clock } from '../../base/clock.ts';
import type { Sleep } from '../../base/retry.ts';
import type { JobKind } from '../../domain/job.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { Locks } from '../../drivers/catalog/locks.ts';
import type { JobOutcome, JobRow, JsonObject } from '../../drivers/catalog/types.ts';
import type { Queue } from '../../drivers/queue/queue.ts';
import type { JobContext } from '../../workflows/job-context.ts';

/** Runs the workflow of a job and returns its result; the plan is the workflow's own JSON. */
export type JobRunner = (job: JobRow, context: JobContext<unknown>) => Promise<JsonObject>;

export interface WorkerDeps {
  catalog: Pick<Catalog, 'jobs' | 'events' | 'transaction'>;
  locks: Pick<Locks, 'acquire'>;
  queue: Pick<Queue, 'work' | 'enqueue' | 'isPending'>;
  runners: Record<JobKind, JobRunner>;
  /** What cannot wait until a worker is free for a job whose own has died. */
  rescue?: (job: JobRow) => Promise<void>;
  /** Ends a job that may not begin any more, and says whether it did; asked before each start. */
  endInstead?: (jobId: string) => Promise<boolean>;
  /** Told of every job that ended here, how it ended. */
  onEnd?: (job: JobRow, outcome: JobOutcome) => void;
  /** For how often progress is written. */
  clock: Clock;
  sleep: Sleep;
  onError(message: string, error: unknown, facts: Record<string, unknown>): void;
}
