/** Whether a policy keeps its promise: which of its runs must have brought a point by now. Pure. */
import { lastRunOf, type Timing } from './schedule.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * The last run that every source of the policy must have a point of: a run counts once its spread is over, and then so
 * many minutes. Where there is a window, a run that is due outside of it begins up to a day later.
 */
export function objectiveOf(timing: Timing, now: Date, graceMinutes: number): Date {
  const lateMs = (graceMinutes + timing.spreadMinutes) * minuteMs + (timing.window === undefined ? 0 : dayMs);
  return lastRunOf(timing.schedule, new Date(now.getTime() - lateMs));
}
