import { AppError } from './errors.ts';

/** Waits; rejects at once when the signal is aborted. Injected so that tests do not wait. */
export type Sleep = (delayMs: number, signal?: AbortSignal) => Promise<void>;

export interface Backoff {
  /** Calls in all, the first included. */
  attempts: number;
  firstDelayMs: number;
  maxDelayMs: number;
}

export interface RetryOptions extends Backoff {
  sleep?: Sleep;
  /** A number in [0, 1), as Math.random gives. */
  random?: () => number;
  signal?: AbortSignal | undefined;
  /**
   * What to do with a failure: `false` gives up, `true` waits as the backoff says, a number waits at least that many
   * milliseconds (a server's Retry-After). INTEGRITY_* must never be answered with anything but `false` (I8).
   */
  shouldRetry: (error: unknown, attempt: number) => boolean | number;
}

/**
 * Delay before the call after `attempt` (1 is the first): doubles, never above `maxDelayMs`, and at least half of it
 * stays so that jitter spreads clients without letting them hammer a server that is just coming up.
 */
export function backoffDelayMs(attempt: number, backoff: Backoff, random: () => number): number {
  const ceilingMs = Math.min(backoff.maxDelayMs, backoff.firstDelayMs * 2 ** (attempt - 1));
  return Math.round(ceilingMs * (0.5 + random() / 2));
}

/** Calls `operation` until it succeeds, `shouldRetry` declines or the attempts are used up; throws the last error. */
export async function retry<T>(
  operation: (attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { sleep: wait = sleep, random = Math.random, signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    throwIfCancelled(signal);
    try {
      return await operation(attempt);
    } catch (error) {
      if (attempt >= options.attempts) throw error;
      const decision = options.shouldRetry(error, attempt);
      if (decision === false) throw error;
      const delayMs = backoffDelayMs(attempt, options, random);
      await wait(decision === true ? delayMs : Math.max(decision, delayMs), signal);
    }
  }
}

export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(cancelled(signal));
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(cancelled(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled(signal);
}

/** The error of an aborted signal: its reason when that already is one of ours, else CANCELLED_BY_CALLER. */
export function cancelled(signal: AbortSignal | undefined): AppError {
  const reason: unknown = signal?.reason;
  if (reason instanceof AppError) return reason;
  return new AppError('CANCELLED_BY_CALLER', 'The operation was cancelled.', { cause: reason });
}
