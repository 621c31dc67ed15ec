import { AppError } from '../../base/errors.ts';
import type { Locks } from '../../drivers/catalog/locks.ts';
import type { WorkerDeps } from './deps.ts';

export interface SchedulerOptions {
  locks: Pick<Locks, 'acquire'>;
  /** Given up when the signal is aborted: another worker may be at it from then on. */
  tick: (signal: AbortSignal) => Promise<unknown>;
  onError: WorkerDeps['onError'];
  intervalMs: number;
}

/** Ticks now and then, one worker of the cluster at a time; returns what ends it, once a tick under way is through. */
export function startScheduler({ locks, tick, onError, intervalMs }: SchedulerOptions): () => Promise<void> {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    const lock = await locks.acquire('scheduler');
    if (lock === undefined) return;
    try {
      await tick(AbortSignal.any([stopping.signal, lock.signal]));
    } finally {
      await lock.release();
    }
  }

  function begin(): void {
    // A tick that takes longer than the interval is followed by the next, never joined by it.
    running ??= run()
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) onError('a tick of the scheduler failed', error, {});
      })
      .finally(() => (running = undefined));
  }

  const timer = setInterval(begin, intervalMs);
  begin();
  return async () => {
    clearInterval(timer);
    stopping.abort(new AppError('CANCELLED_SHUTDOWN', 'the service stops'));
    await running;
  };
}
