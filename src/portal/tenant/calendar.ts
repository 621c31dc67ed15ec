/** Months of recovery points, day by day, in the browser's own zone. Pure. */
export interface Month {
  year: number;
  /** 1 to 12. */
  month: number;
}

/** A day of the calendar with what was taken on it. */
export interface CalendarDay<P> {
  /** `2026-11-27`. */
  key: string;
  day: number;
  points: P[];
}

/** Weeks of seven days from Monday; days of other months are undefined. */
export type CalendarWeek<P> = (CalendarDay<P> | undefined)[];

/** The month that is meant by `2026-11`; undefined for anything else. */
export function parseMonth(text: string): Month | undefined {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text) ?? [];
  return year === undefined || month === undefined ? undefined : { year: Number(year), month: Number(month) };
}

export function monthKey({ year, month }: Month): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
}

export function monthOf(at: Date): Month {
  return { year: at.getFullYear(), month: at.getMonth() + 1 };
}

/** The month so many months later, or earlier. */
export function addMonths({ year, month }: Month, months: number): Month {
  return monthOf(new Date(year, month - 1 + months, 1));
}

/** From its first instant until the first one of the next month. */
export function monthRange({ year, month }: Month): { since: Date; before: Date } {
  return { since: new Date(year, month - 1, 1), before: new Date(year, month, 1) };
}

export function dayKey(at: Date): string {
  return `${monthKey(monthOf(at))}-${String(at.getDate()).padStart(2, '0')}`;
}

/** From the first instant of a day until the first one of the next: `2026-11-27`. */
export function dayRange(key: string): { since: Date; before: Date } {
  const [year = 0, month = 1, day = 1] = key.split('-').map(Number);
  return { since: new Date(year, month - 1, day), before: new Date(year, month - 1, day + 1) };
}

/** The day that is meant by `2026-11-27`, if it is one of the month. */
export function parseDay(text: string, month: Month): string | undefined {
  const [, day] = /^\d{4}-\d{2}-(\d{2})$/.exec(text) ?? [];
  if (day === undefined || text.slice(0, 7) !== monthKey(month)) return undefined;
  return dayKey(new Date(month.year, month.month - 1, Number(day))) === text ? text : undefined;
}

/** The month's weeks with the points of each day. */
export function calendarOf<P extends { taken_at: string }>(
  month: Month,
  points: readonly P[],
): CalendarWeek<P>[] {
  const byDay = Map.groupBy(points, ({ taken_at: at }) => dayKey(new Date(at)));
  const first = new Date(month.year, month.month - 1, 1);
  const days = new Date(month.year, month.month, 0).getDate();
  // Monday is the first day of the week, also where it is the second.
  const before = (first.getDay() + 6) % 7;
  const cells = Array.from({ length: Math.ceil((before + days) / 7) * 7 }, (_, index) => {
    const day = index - before + 1;
    if (day < 1 || day > days) return undefined;
    const key = `${monthKey(month)}-${String(day).padStart(2, '0')}`;
    return { key, day, points: byDay.get(key) ?? [] };
  });
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}
