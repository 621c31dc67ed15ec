/**
 * Which points of one source stay: grandfather, father, son. Pure; the same points, rules and instant always give the
 * same answer, and every point that stays says why. All calendars are UTC; weeks are those of ISO 8601.
 */

/** Each number keeps the newest point of so many hours, days, ... that have one; undefined does not ask for any. */
export interface RetentionRules {
  keepLast?: number | undefined;
  keepHourly?: number | undefined;
  keepDaily?: number | undefined;
  keepWeekly?: number | undefined;
  keepMonthly?: number | undefined;
  keepYearly?: number | undefined;
  /** Every point that is not older, days. */
  keepWithinDays?: number | undefined;
}

export interface RetainedPoint {
  id: string;
  takenAt: Date;
  state: 'complete' | 'damaged';
}

export interface RetentionVerdict {
  id: string;
  /** Why it stays, in words; empty when it goes. */
  reasons: string[];
}

const dayMs = 86_400_000;

const calendars: readonly [Exclude<keyof RetentionRules, 'keepLast' | 'keepWithinDays'>, string, Bucket][] = [
  ['keepHourly', 'hourly', (at) => at.toISOString().slice(0, 13)],
  ['keepDaily', 'daily', (at) => at.toISOString().slice(0, 10)],
  ['keepWeekly', 'weekly', isoWeek],
  ['keepMonthly', 'monthly', (at) => at.toISOString().slice(0, 7)],
  ['keepYearly', 'yearly', (at) => at.toISOString().slice(0, 4)],
];

type Bucket = (at: Date) => string;

export function hasRules(rules: RetentionRules): boolean {
  return Object.values(rules).some((value) => value !== undefined);
}

/**
 * One verdict for each point, newest first. The newest complete point always stays, whatever the rules say. A damaged
 * point can bring nothing back, so it fills no place of a rule: it goes once a newer point is complete, unless it is
 * within `keepWithinDays`.
 */
export function applyRetention(
  points: readonly RetainedPoint[],
  rules: RetentionRules,
  now: Date,
): RetentionVerdict[] {
  const sorted = [...points].sort(newestFirst);
  const complete = sorted.filter(({ state }) => state === 'complete');
  const reasons = new Map<string, string[]>(sorted.map(({ id }) => [id, []]));
  const keep = (id: string, reason: string): void => void reasons.get(id)?.push(reason);

  const [newest] = complete;
  if (newest !== undefined) keep(newest.id, 'newest');
  for (const point of sorted) {
    if (point.state === 'damaged' && (newest === undefined || newestFirst(point, newest) < 0))
      keep(point.id, 'nothing newer is complete');
  }
  complete.slice(0, rules.keepLast ?? 0).forEach(({ id }) => keep(id, 'last'));
  for (const [rule, word, bucketOf] of calendars) {
    for (const [bucket, id] of newestOfEach(complete, bucketOf).slice(0, rules[rule] ?? 0)) {
      keep(id, `${word} ${bucket}`);
    }
  }
  if (rules.keepWithinDays !== undefined) {
    const since = now.getTime() - rules.keepWithinDays * dayMs;
    for (const { id, takenAt } of sorted) {
      if (takenAt.getTime() >= since)
        keep(id, rules.keepWithinDays === 1 ? 'within 1 day' : `within ${rules.keepWithinDays} days`);
    }
  }
  return sorted.map(({ id }) => ({ id, reasons: reasons.get(id) ?? [] }));
}

/** The newest complete point: a source without it cannot be brought back to what it was last. */
export function newestComplete<P extends RetainedPoint>(points: readonly P[]): P | undefined {
  return points.filter(({ state }) => state === 'complete').sort(newestFirst)[0];
}

function newestFirst(one: RetainedPoint, other: RetainedPoint): number {
  return other.takenAt.getTime() - one.takenAt.getTime() || (one.id < other.id ? 1 : -1);
}

/** Newest bucket first; each with its newest point. */
function newestOfEach(sorted: readonly RetainedPoint[], bucketOf: Bucket): [string, string][] {
  const found = new Map<string, string>();
  for (const { id, takenAt } of sorted) {
    const bucket = bucketOf(takenAt);
    if (!found.has(bucket)) found.set(bucket, id);
  }
  return [...found];
}

/** `2026-W47`: a week belongs to the year that its Thursday is in. */
function isoWeek(at: Date): string {
  const day = Math.floor(at.getTime() / dayMs);
  // 1 January 1970 was a Thursday.
  const monday = day - ((((day + 3) % 7) + 7) % 7);
  const thursday = new Date((monday + 3) * dayMs);
  const firstDay = Date.UTC(thursday.getUTCFullYear(), 0, 1) / dayMs;
  const week = Math.floor((monday + 3 - firstDay) / 7) + 1;
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}
