/** The usual cron expressions as keys and parameters of texts. Pure. */

export type CronWords =
  | { key: 'schedule.hourly'; params: { minute: string } }
  | { key: 'schedule.daily'; params: { time: string; zone: string } }
  | { key: 'schedule.weekly'; params: { days: string; time: string; zone: string } }
  | { key: 'schedule.monthly'; params: { day: number; time: string; zone: string } };

/** @param tag language of the weekdays' names. @returns undefined for what has no plain words: lists of hours, steps, months. */
export function cronWords(cron: string, zone: string, tag: string): CronWords | undefined {
  const [minute = '', hour = '', day = '', month = '', weekday = '', ...rest] = cron.trim().split(/\s+/);
  if (rest.length > 0 || month !== '*' || !isNumber(minute)) return undefined;
  if (hour === '*')
    return day === '*' && weekday === '*' ? { key: 'schedule.hourly', params: { minute } } : undefined;
  if (!isNumber(hour)) return undefined;
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  return onDays({ day, weekday }, { time, zone }, tag);
}

function onDays(
  { day, weekday }: { day: string; weekday: string },
  at: { time: string; zone: string },
  tag: string,
): CronWords | undefined {
  if (day === '*' && weekday === '*') return { key: 'schedule.daily', params: at };
  if (day === '*') {
    const days = weekdaysOf(weekday);
    return days && { key: 'schedule.weekly', params: { days: namesOf(days, tag), ...at } };
  }
  // Cron takes a day of the month beside a weekday as either of both.
  if (weekday !== '*' || !isNumber(day)) return undefined;
  return { key: 'schedule.monthly', params: { day: Number(day), ...at } };
}

function isNumber(text: string): boolean {
  return /^\d{1,2}$/.test(text);
}

/** Of `1-5`, `6,0` and the like: 0 is Sunday, as is 7; Monday comes first. */
function weekdaysOf(field: string): number[] | undefined {
  const days = new Set<number>();
  for (const part of field.split(',')) {
    const [, first, last = first] = /^([0-7])(?:-([0-7]))?$/.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first)) return undefined;
    for (let day = Number(first); day <= Number(last); day += 1) days.add(day % 7);
  }
  return [...days].sort((one, other) => ((one + 6) % 7) - ((other + 6) % 7));
}

function namesOf(days: readonly number[], tag: string): string {
  const words = new Intl.DateTimeFormat(tag, { weekday: 'long', timeZone: 'UTC' });
  // The first day of 2023 was a Sunday.
  const names = days.map((day) => words.format(Date.UTC(2023, 0, 1 + day)));
  return new Intl.ListFormat(tag).format(names);
}
