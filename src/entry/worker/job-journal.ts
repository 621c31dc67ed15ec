import { AppError } from '../../base/errors.ts';
import { retry } from '../../base/retry.ts';
import type { Lock } from '../../drivers/catalog/locks.ts';
import type { JobPulse, JobRow, JsonObject } from '../../drivers/catalog/types.ts';
import type { JobContext, JobProgress } from '../../workflows/job-context.ts';
import type { WorkerDeps } from './deps.ts';

type Deps = Pick<WorkerDeps, 'catalog' | 'locks' | 'clock' | 'sleep'>;

/** The catalog may restart or fail over in the middle of a job: a write is repeated for about two minutes. */
const patience = { attempts: 30, firstDelayMs: 200, maxDelayMs: 5_000 };
const progressIntervalMs = 1_000;
const lockPollMs = 1_000;

/** Reasons of an aborted signal after which another attempt goes on where this one stopped. */
const resumedReasons = ['CANCELLED_SHUTDOWN', 'CONFLICT_ORDER_LOST', 'CATALOG_LOCK_LOST'];

export interface JobJournal extends JobContext<unknown> {
  /** Gives back what `lock` took and waits for the last progress to be written. */
  close(): Promise<void>;
}

export function openJournal(deps: Deps, job: JobRow, given: AbortSignal): JobJournal {
  const { catalog, locks, clock, sleep } = deps;
  const held: Lock[] = [];
  const stop = new AbortController();
  const signal = AbortSignal.any([given, stop.signal]);
  const isResumed = Object.keys(job.plan).length > 0;
  let lost = false;
  let progressAtMs = 0;
  let progressWrite: Promise<void> = Promise.resolve();

  async function write<T>(statement: () => Promise<T>): Promise<T> {
    try {
      return await retry(statement, { ...patience, sleep, shouldRetry: isRetryable });
    } catch (error) {
      // Either another attempt has the job, or nobody can write: in both cases this attempt may not touch anything.
      if (isRetryable(error) || (error instanceof AppError && error.code === 'CONFLICT_STALE_ATTEMPT'))
        lost = true;
      throw error;
    }
  }

  /** The queue tells only workers that listen at that moment; every write tells the others. */
  function heed({ cancelRequested }: Pick<JobPulse, 'cancelRequested'>): void {
    if (cancelRequested) stop.abort(new AppError('CANCELLED_BY_REQUEST', 'the job was cancelled'));
  }

  async function lockAll(names: readonly string[]): Promise<void> {
    let told = false;
    for (const name of [...new Set(names)].sort()) {
      for (;;) {
        throwIfStopped();
        const lock = await locks.acquire(name);
        if (lock !== undefined) {
          held.push(lock);
          // I9: what the lock guarded may be somebody else's from now on.
          lock.signal.addEventListener('abort', () => {
            // Also when the signal was aborted for something else before: a signal tells only its first reason.
            lost = true;
            stop.abort(lock.signal.reason);
          });
          break;
        }
        if (!told) await note(`waiting: another job works on ${name.replace(/^[a-z]+:/, '')}`);
        told = true;
        await sleep(lockPollMs, isCancelled() ? undefined : signal).catch(throwIfStopped);
      }
    }
  }

  function isCancelled(): boolean {
    return signal.aborted && reasonCode(signal) === 'CANCELLED_BY_REQUEST';
  }

  /** I9: what an earlier attempt of a cancelled job made can be undone only with the locks. */
  function throwIfStopped(): void {
    if (!(isResumed && isCancelled() && !lost)) signal.throwIfAborted();
  }

  async function note(message: string): Promise<void> {
    await write(() => catalog.events.append(job.id, 'log', { message }));
  }

  function progress(update: JobProgress): void {
    const nowMs = clock.now().getTime();
    if (nowMs - progressAtMs < progressIntervalMs) return;
    progressAtMs = nowMs;
    // For people who watch: one that cannot be written is dropped, the next recorded step will tell.
    progressWrite = progressWrite.then(() =>
      catalog.jobs.recordProgress(job.id, job.attempt, { ...update }).then(heed, () => undefined),
    );
  }

  heed(job);
  return {
    jobId: job.id,
    plan: isResumed ? job.plan : undefined,
    signal,
    willResume: () => lost || (signal.aborted && resumedReasons.includes(reasonCode(signal))),
    record: async (step, plan) => {
      heed(await write(() => catalog.jobs.recordPlan(job.id, job.attempt, plan as JsonObject, step)));
    },
    progress,
    note,
    lock: lockAll,
    close: async () => {
      await progressWrite;
      for (const lock of held.toReversed()) await lock.release();
    },
  };
}

function isRetryable(error: unknown): boolean {
  return error instanceof AppError && error.retryable;
}

function reasonCode(signal: AbortSignal): string {
  return signal.reason instanceof AppError ? signal.reason.code : '';
}
