/** One work order: the job is locked, started, run and ended; an attempt that may not go on leaves it to the next. */
import { AppError, toAppError } from '../../base/errors.ts';
import { retry } from '../../base/retry.ts';
import { isFinishedJob, type JobFailure } from '../../domain/job.ts';
import type { JobOutcome, JobRow } from '../../drivers/catalog/types.ts';
import type { WorkOrder } from '../../drivers/queue/queue.ts';
import type { WorkerDeps } from './deps.ts';
import { openJournal, type JobJournal } from './job-journal.ts';

const finishPatience = { attempts: 30, firstDelayMs: 200, maxDelayMs: 5_000 };

export async function runJob(deps: WorkerDeps, order: Pick<WorkOrder, 'jobId' | 'signal'>): Promise<void> {
  const lock = await deps.locks.acquire(`job:${order.jobId}`);
  if (lock === undefined) {
    await leaveToHolder(deps, order.jobId);
    return;
  }
  try {
    if ((await deps.endInstead?.(order.jobId)) === true) return;
    const job = await deps.catalog.jobs.start(order.jobId);
    if (job !== undefined) await runStarted(deps, job, AbortSignal.any([order.signal, lock.signal]));
  } finally {
    await lock.release();
  }
}

/**
 * Orders can be delivered twice. While somebody holds the job the order stays, so that a holder that dies at its very
 * end has a successor; once the job has ended there is nothing left to do.
 */
async function leaveToHolder({ catalog }: WorkerDeps, jobId: string): Promise<void> {
  const job = await catalog.jobs.get(jobId);
  if (job === undefined || isFinishedJob(job.state)) return;
  throw new AppError('CONFLICT_JOB_BUSY', `job ${jobId} is run by another worker already`, {
    retryable: true,
  });
}

async function runStarted(deps: WorkerDeps, job: JobRow, signal: AbortSignal): Promise<void> {
  const journal = openJournal(deps, job, signal);
  try {
    const outcome = await attempt(deps, job, journal);
    if (outcome === undefined) return;
    await finish(deps, job, outcome);
    deps.onEnd?.(job, outcome);
  } finally {
    await journal.close();
  }
}

/** undefined when the job goes on elsewhere. */
async function attempt(deps: WorkerDeps, job: JobRow, journal: JobJournal): Promise<JobOutcome | undefined> {
  try {
    const result = await deps.runners[job.kind](job, journal);
    return { state: 'succeeded', result };
  } catch (error) {
    if (journal.willResume()) {
      throw new AppError(
        'CANCELLED_ATTEMPT',
        `attempt ${job.attempt} of job ${job.id} stopped; another one resumes it`,
        {
          cause: error,
          retryable: true,
        },
      );
    }
    if (isCancellation(journal.signal) && !isHalfUndone(error)) return { state: 'cancelled' };
    const { id: jobId, attempt: number, requestId } = job;
    deps.onError(`${job.kind} failed`, error, { jobId, attempt: number, requestId });
    return { state: 'failed', error: failureOf(error) };
  }
}

function isCancellation(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof AppError && signal.reason.code === 'CANCELLED_BY_REQUEST';
}

/** What was asked to be taken back is not: nobody may take that for a job that left nothing. */
function isHalfUndone(error: unknown): boolean {
  return error instanceof AppError && error.code === 'CONFLICT_UNDO_FAILED';
}

function failureOf(error: unknown): JobFailure {
  const { code, message, details } = toAppError(error);
  return { code, message, details };
}

async function finish({ catalog, sleep }: WorkerDeps, job: JobRow, outcome: JobOutcome): Promise<void> {
  await retry(() => catalog.jobs.finish(job.id, job.attempt, outcome), {
    ...finishPatience,
    sleep,
    shouldRetry: (error) => error instanceof AppError && error.retryable,
  });
}
