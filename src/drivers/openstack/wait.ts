import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { Sleep } from '../../base/retry.ts';

export interface WaitOptions {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Before the second look; for what takes a moment only and is waited for with a guest standing still. */
  firstPauseMs?: number;
}

export interface WaitTools {
  clock: Clock;
  sleep: Sleep;
}

const usualFirstPauseMs = 250;
const longestPauseMs = 5_000;

/**
 * Asks again until `probe` gives something else than undefined, at growing intervals. Throws OPENSTACK_WAIT_TIMEOUT
 * (`what` completes "waited ... for") and whatever `probe` throws.
 */
export async function waitFor<T>(
  { clock, sleep }: WaitTools,
  what: string,
  { timeoutMs, signal, firstPauseMs = usualFirstPauseMs }: WaitOptions,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  const deadlineMs = clock.now().getTime() + timeoutMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    const result = await probe();
    if (result !== undefined) return result;
    const leftMs = deadlineMs - clock.now().getTime();
    if (leftMs <= 0) {
      throw new AppError(
        'OPENSTACK_WAIT_TIMEOUT',
        `Waited ${Math.round(timeoutMs / 1000)} s in vain for ${what}: check the services' logs, then try again.`,
        { details: { timeoutMs }, retryable: true },
      );
    }
    await sleep(Math.min(pauseMs, leftMs), signal);
  }
}
