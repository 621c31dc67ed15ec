/** A policy's parts as keys and parameters of texts. Pure. */
import type { Policy } from '../api/types.ts';
import { cronWords, type CronWords } from './cron-words.ts';

export type Words =
  | CronWords
  | { key: 'schedule.cron'; params: { cron: string; zone: string } }
  | { key: 'schedule.minutes' | 'schedule.hours' | 'schedule.days'; params: { count: number } }
  | { key: 'cycle.default' | 'cycle.forever'; params: Record<string, never> }
  | { key: 'cycle.increments' | 'cycle.days'; params: { count: number } }
  | { key: 'cycle.both'; params: { increments: number; days: number } }
  | { key: 'retention.all'; params: Record<string, never> }
  | { key: 'retention.cycles'; params: { count: number } }
  | { key: `keep.${KeepRule}`; params: { count: number } };

export type KeepRule = keyof NonNullable<NonNullable<Policy['retention']>['keep']>;

const units = { m: 'schedule.minutes', h: 'schedule.hours', d: 'schedule.days' } as const;

/** @param tag language of the names of weekdays. */
export function scheduleWords(
  { cron, every, time_zone: zone = 'UTC' }: Policy['schedule'],
  tag: string,
): Words {
  if (cron !== undefined)
    return cronWords(cron, zone, tag) ?? { key: 'schedule.cron', params: { cron, zone } };
  const text = every ?? '';
  const unit = units[text.slice(-1) as keyof typeof units];
  return { key: unit, params: { count: Number(text.slice(0, -1)) } };
}

export function cycleWords(cycle: Policy['cycle']): Words {
  if (cycle === null) return { key: 'cycle.default', params: {} };
  const { increments, days, forever } = cycle;
  if (forever === true) return { key: 'cycle.forever', params: {} };
  if (increments !== undefined && days !== undefined)
    return { key: 'cycle.both', params: { increments, days } };
  return increments === undefined
    ? { key: 'cycle.days', params: { count: days ?? 0 } }
    : { key: 'cycle.increments', params: { count: increments } };
}

/** What stays, one entry a rule. */
export function retentionWords(retention: Policy['retention']): Words[] {
  if (retention === null) return [{ key: 'retention.all', params: {} }];
  const { keep, cycles } = retention;
  if (cycles !== undefined) return [{ key: 'retention.cycles', params: { count: cycles } }];
  return Object.entries(keep ?? {}).flatMap(([rule, count]) =>
    typeof count === 'number' && count > 0
      ? [{ key: `keep.${rule as KeepRule}` as const, params: { count } }]
      : [],
  );
}
