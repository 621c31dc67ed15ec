import { AppError } from '../../base/errors.ts';

const unitMs: Record<string, number> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

const aliases: Record<string, string> = {
  s: 'second',
  sec: 'second',
  m: 'minute',
  min: 'minute',
  h: 'hour',
  hr: 'hour',
  d: 'day',
  w: 'week',
};

export const whenHelp =
  '"2026-11-22 10:00" (UTC), 2026-11-22, an ISO 8601 time with a zone, "3 hours ago", yesterday or now';

export interface ParseWhenOptions {
  now: Date;
  /** Which end of a day (or of a second, where no fraction is written) is meant: `--at` looks for a day's last point, `--since` begins with it. */
  day: 'start' | 'end';
}

/**
 * An instant from what a person writes; a time without a zone is UTC. Throws INPUT_TIME for anything else, and for
 * days that no calendar has.
 */
export function parseWhen(text: string, { now, day }: ParseWhenOptions): Date {
  const words = text.trim().toLowerCase().replace(/\s+/g, ' ');
  if (words === 'now') return now;
  if (words === 'today') return edgeOfDay(startOfDay(now), day);
  if (words === 'yesterday') return edgeOfDay(new Date(startOfDay(now).getTime() - 86_400_000), day);
  return ago(words, now) ?? absolute(text.trim(), day) ?? refuse(text);
}

function ago(words: string, now: Date): Date | undefined {
  const match = /^(\d{1,9}|an?) ?([a-z]+) ago$/.exec(words);
  if (match === null) return undefined;
  const [, count = '', word = ''] = match;
  const unit = unitMs[aliases[word] ?? word.replace(/s$/, '')];
  if (unit === undefined) return undefined;
  const date = new Date(now.getTime() - (/^an?$/.test(count) ? 1 : Number(count)) * unit);
  return date.getTime() > 0 ? date : undefined;
}

const absolutePattern =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2})(?::(\d{2})(\.\d{1,9})?)?(?: ?([Zz]|UTC|[+-]\d{2}:?\d{2}))?)?$/;

function absolute(text: string, day: 'start' | 'end'): Date | undefined {
  const [, date = '', time, second, fraction, zone = 'Z'] = absolutePattern.exec(text) ?? [];
  const midnight = new Date(`${date}T00:00:00Z`);
  // JavaScript rolls February 30th over into March; a person who writes it has made a mistake.
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== date) return undefined;
  if (time === undefined) return edgeOfDay(midnight, day);
  const instant = new Date(`${date}T${time}:${secondsOf(second, fraction, day)}${isoZone(zone)}`);
  return Number.isNaN(instant.getTime()) || time > '23:59' ? undefined : instant;
}

/** Lists show whole seconds: a point's time copied from there must find that point and not the one before. */
function secondsOf(second: string | undefined, fraction: string | undefined, day: 'start' | 'end'): string {
  if (second === undefined) return '00';
  return `${second}${fraction?.slice(0, 4) ?? (day === 'end' ? '.999' : '')}`;
}

function isoZone(zone: string): string {
  return /^(z|utc)$/i.test(zone) ? 'Z' : zone.replace(/^(...):?(..)$/, '$1:$2');
}

function startOfDay(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / 86_400_000) * 86_400_000);
}

function edgeOfDay(midnight: Date, day: 'start' | 'end'): Date {
  return day === 'start' ? midnight : new Date(midnight.getTime() + 86_400_000 - 1);
}

function refuse(text: string): never {
  throw new AppError('INPUT_TIME', `cannot read the time ${JSON.stringify(text)}; write ${whenHelp}`);
}
