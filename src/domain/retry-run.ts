/** When a policy's backup that failed is tried again before its next planned run. Pure. */
import { familyOf, type ErrorCode, type ErrorFamily } from '../base/errors.ts';
import type { PolicySpec } from './policy.ts';
import { isWindowOpen } from './schedule.ts';

/** Which attempt of which run a backup is. */
export interface RunAttempt {
  /** When its first attempt was asked for, ISO 8601. */
  at: string;
  /** 2 for the first one that is tried again. */
  attempt: number;
}

/** One that is planned. */
export interface PlannedRetry extends RunAttempt {
  /** When it is due, ISO 8601. */
  dueAt: string;
}

/** What somebody has to change stays as it is, and damage is never tried again (I8). */
const passing: readonly ErrorFamily[] = ['CEPH', 'STORE', 'CATALOG', 'OPENSTACK', 'LIMIT'];
const minuteMs = 60_000;

export interface FailedRun {
  code: string | undefined;
  /** The attempt that failed. */
  run: RunAttempt;
  /** The next planned run; undefined when none is. */
  nextRunAt: Date | undefined;
  now: Date;
}

/**
 * Undefined when no pause is left, when the error is not of a kind that passes, or when the window would have closed or
 * the next run come by then.
 *
 * @param pausesMinutes how long to wait after the first attempt, after the second, and so on.
 */
export function retryOf(
  { window }: Pick<PolicySpec, 'window'>,
  { code, run, nextRunAt, now }: FailedRun,
  pausesMinutes: readonly number[],
): PlannedRetry | undefined {
  const pause = pausesMinutes[run.attempt - 1];
  if (pause === undefined || code === undefined || nextRunAt === undefined) return undefined;
  if (!passing.includes(familyOf(code as ErrorCode))) return undefined;
  const dueAt = new Date(now.getTime() + pause * minuteMs);
  if (dueAt >= nextRunAt) return undefined;
  // Windows open and close at whole minutes.
  for (let minute = 0; minute <= pause && window !== undefined; minute += 1)
    if (!isWindowOpen(window, new Date(now.getTime() + minute * minuteMs))) return undefined;
  return { at: run.at, attempt: run.attempt + 1, dueAt: dueAt.toISOString() };
}
