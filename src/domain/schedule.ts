/**
 * When runs are due. Pure: the same timing, source and instant always give the same answer. Times of day are those of
 * the named time zone, so a run at 02:30 is at 02:30 in summer and in winter; where the clock jumps over that time it
 * is an hour later, and where the clock shows it twice it is the first of both.
 */
import { createHash } from 'node:crypto';
import { CronExpressionParser } from 'cron-parser';
import { AppError } from '../base/errors.ts';

/** `every` counts from the epoch, so that every worker, and the next after a restart, finds the same instants. */
export type Schedule =
  { kind: 'cron'; expression: string; timeZone: string } | { kind: 'every'; everyMinutes: number };

/** From `start` up to `end`, HH:MM; over midnight when `end` is the earlier one. */
export interface ScheduleWindow {
  start: string;
  end: string;
  timeZone: string;
  /** What becomes of a backup that still runs when it closes: by default it finishes, `cancel` undoes what it began. */
  atEnd?: WindowEnd | undefined;
}

export const windowEnds = ['finish', 'cancel'] as const;
export type WindowEnd = (typeof windowEnds)[number];

export interface Timing {
  schedule: Schedule;
  /** In which a run may begin; one that is due outside begins when it opens. */
  window?: ScheduleWindow | undefined;
  /** Runs of different sources begin at different times within so many minutes. */
  spreadMinutes: number;
}

const minuteMs = 60_000;
const dayMinutes = 1440;
const dayMs = dayMinutes * minuteMs;
const longestMinutes = 366 * dayMinutes;

/** @throws INPUT_SCHEDULE. */
export function assertSchedule(schedule: Schedule): void {
  if (schedule.kind === 'every') {
    const { everyMinutes } = schedule;
    if (Number.isInteger(everyMinutes) && everyMinutes >= 1 && everyMinutes <= longestMinutes) return;
    throw new AppError('INPUT_SCHEDULE', 'runs can be every 1 minute up to every 366 days');
  }
  assertTimeZone(schedule.timeZone);
  const { expression } = schedule;
  // "H" would be another minute at every look, and a sixth field would be seconds.
  if (expression.trim().split(/\s+/).length !== 5 || /\bH/.test(expression)) {
    throw new AppError(
      'INPUT_SCHEDULE',
      `${JSON.stringify(expression)} is no cron expression of five fields (minute, hour, day of month, month, day of week), such as "0 2 * * *"`,
    );
  }
  nextOfCron(expression, schedule.timeZone, new Date(0));
}

/** @throws INPUT_SCHEDULE. */
export function assertWindow(window: ScheduleWindow): void {
  assertTimeZone(window.timeZone);
  if (minuteOfDay(window.start) !== minuteOfDay(window.end)) return;
  throw new AppError('INPUT_SCHEDULE', 'a window must end at another time of day than it begins');
}

function assertTimeZone(timeZone: string): void {
  try {
    localTimeIn(timeZone);
  } catch (error) {
    throw new AppError(
      'INPUT_SCHEDULE',
      `${JSON.stringify(timeZone)} is no time zone, such as UTC or Europe/Berlin`,
      { cause: error },
    );
  }
}

function minuteOfDay(text: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (match === null)
    throw new AppError('INPUT_SCHEDULE', `${JSON.stringify(text)} is no time of day, such as 22:00`);
  return Number(match[1]) * 60 + Number(match[2]);
}

/** The first run of a source that begins after an instant. */
export function nextRun(timing: Timing, sourceId: string, after: Date): Date {
  const offsetMs = spreadOffsetMs(sourceId, timing.spreadMinutes);
  const due = new Date(nextOf(timing.schedule, new Date(after.getTime() - offsetMs)).getTime() + offsetMs);
  return whenAllowed(timing.window, due, offsetMs);
}

/** The same for a run that is due now, or was: at once, or when the window opens. */
export function allowedStart(timing: Timing, sourceId: string, now: Date): Date {
  return whenAllowed(timing.window, now, spreadOffsetMs(sourceId, timing.spreadMinutes));
}

/**
 * The next run of one that its window's end cut short: when the window opens again, or before that if one was planned
 * anyhow. undefined stays undefined: what is disabled has no next run.
 */
export function runAfterWindow(
  timing: Timing,
  sourceId: string,
  { planned, now }: { planned: Date | undefined; now: Date },
): Date | undefined {
  if (planned === undefined) return undefined;
  const opening = allowedStart(timing, sourceId, now);
  return planned > now && planned < opening ? planned : opening;
}

/** No source's next run is later than this. */
export function latestNextRun(timing: Timing, after: Date): Date {
  const spreadMs = timing.spreadMinutes * minuteMs;
  const latest = new Date(nextOf(timing.schedule, after).getTime() + spreadMs);
  // A window opens once a day, and a day can have 25 hours.
  return timing.window === undefined ? latest : new Date(latest.getTime() + 2 * dayMs + spreadMs);
}

/** Runs of a source after `from` and up to `to`, oldest first; no more than `limit`. */
export function runsBetween(
  timing: Timing,
  sourceId: string,
  { from, to, limit = 100_000 }: { from: Date; to: Date; limit?: number },
): Date[] {
  const runs: Date[] = [];
  for (let at = nextRun(timing, sourceId, from); at <= to && runs.length < limit;) {
    runs.push(at);
    at = nextRun(timing, sourceId, at);
  }
  return runs;
}

/** Always the same for a source, and even over many sources: 0 up to the spread, milliseconds. */
export function spreadOffsetMs(sourceId: string, spreadMinutes: number): number {
  if (spreadMinutes === 0) return 0;
  const hash = createHash('sha256').update(sourceId).digest().readUInt32BE();
  return Math.floor((hash / 2 ** 32) * spreadMinutes * 60) * 1000;
}

/** The last run at an instant or before it, of a source that has no offset. */
export function lastRunOf(schedule: Schedule, at: Date): Date {
  if (schedule.kind === 'every') {
    const everyMs = schedule.everyMinutes * minuteMs;
    return new Date(Math.floor(at.getTime() / everyMs) * everyMs);
  }
  const { expression, timeZone } = schedule;
  // What is found lies before the instant that it begins at.
  const currentDate = new Date(at.getTime() + 1);
  let last = CronExpressionParser.parse(expression, { currentDate, tz: timeZone }).prev().toDate();
  // Backwards, cron-parser knows no run at a time that the clock jumps over; forwards it has it an hour later.
  for (let next = nextOf(schedule, last); next <= at; next = nextOf(schedule, next)) last = next;
  return last;
}

function nextOf(schedule: Schedule, after: Date): Date {
  if (schedule.kind === 'cron') return nextOfCron(schedule.expression, schedule.timeZone, after);
  const everyMs = schedule.everyMinutes * minuteMs;
  return new Date((Math.floor(after.getTime() / everyMs) + 1) * everyMs);
}

function nextOfCron(expression: string, timeZone: string, after: Date): Date {
  try {
    return CronExpressionParser.parse(expression, { currentDate: after, tz: timeZone }).next().toDate();
  } catch (error) {
    throw new AppError(
      'INPUT_SCHEDULE',
      `${JSON.stringify(expression)} is no cron expression that ever comes due: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** When the window opens everything that waited begins, so it is spread there too, as far as the window goes. */
function whenAllowed(window: ScheduleWindow | undefined, due: Date, offsetMs: number): Date {
  if (window === undefined || isWindowOpen(window, due)) return due;
  const { start, timeZone } = window;
  const minute = minuteOfDay(start);
  const opening = nextOfCron(`${minute % 60} ${Math.floor(minute / 60)} * * *`, timeZone, due);
  const spread = new Date(opening.getTime() + offsetMs);
  return offsetMs < dayMs && isWindowOpen(window, spread) ? spread : opening;
}

export function isWindowOpen({ start, end, timeZone }: ScheduleWindow, at: Date): boolean {
  const minute = minuteOfDay(localTimeIn(timeZone).format(at));
  const [from, to] = [minuteOfDay(start), minuteOfDay(end)];
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTimeIn(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, format);
  return format;
}
