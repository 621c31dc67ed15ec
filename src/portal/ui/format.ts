/** Sizes, spans and instants in words. Pure: language and time are parameters. */

/** Sizes as people read them: binary units, three digits, as the command line shows them. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits).replace(/\.0+$/, '')} ${units[unit] ?? 'B'}`;
}

const spans: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** An instant as seen from now, in one unit: "3 hours ago", "in 2 days"; "now" within half a minute. */
export function formatRelative(atMs: number, nowMs: number, tag: string): string {
  const words = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
  const differenceMs = atMs - nowMs;
  for (const [unit, ms] of spans) {
    // From one and a half of a unit on it says more than the number of smaller ones would.
    if (Math.abs(differenceMs) >= ms * (unit === 'minute' ? 0.5 : 1))
      return words.format(Math.trunc(roundHalf(differenceMs / ms)), unit);
  }
  return words.format(0, 'second');
}

function roundHalf(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

/** An instant with its zone, for who has to be exact. */
export function formatInstant(at: Date, tag: string): string {
  return new Intl.DateTimeFormat(tag, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    hourCycle: 'h23',
  }).format(at);
}

/** An instant to the minute, in the browser's zone. */
export function formatMinute(at: Date, tag: string): string {
  return new Intl.DateTimeFormat(tag, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at);
}

/** A sentence of the service's with its instants (ISO 8601, UTC) as the portal shows them. */
export function withMinutes(sentence: string, tag: string): string {
  return sentence.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g, (instant) =>
    formatMinute(new Date(instant), tag),
  );
}

/** An instant's time of day to the second, for what follows each other within minutes. */
export function formatClock(at: Date, tag: string): string {
  return new Intl.DateTimeFormat(tag, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at);
}

/** A span in its two largest units: "2 min 5 sec", "1 hr 3 min". */
export function formatDuration(seconds: number, tag: string): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts: readonly [string, number][] = [
    ['day', Math.floor(whole / 86_400)],
    ['hour', Math.floor((whole % 86_400) / 3600)],
    ['minute', Math.floor((whole % 3600) / 60)],
    ['second', whole % 60],
  ];
  const first = parts.findIndex(([, value]) => value > 0);
  const shown = first === -1 ? [parts[3]] : parts.slice(first, first + 2).filter((part) => part[1] > 0);
  return shown.flatMap((part) => (part === undefined ? [] : [formatUnit(part[0], part[1], tag)])).join(' ');
}

function formatUnit(unit: string, value: number, tag: string): string {
  return new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
}
