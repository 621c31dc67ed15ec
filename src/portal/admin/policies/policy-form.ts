/** A policy as a form has it, all text, and as the API takes it. Pure. */
import type { components } from '../../api/schema.d.ts';

type Policy = components['schemas']['Policy'];
export type PolicyBody = components['schemas']['PolicyChange'];

export const keepFields = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly', 'within_days'] as const;
export type KeepField = (typeof keepFields)[number];

export interface PolicyForm {
  name: string;
  description: string;
  published: boolean;
  enabled: boolean;
  scheduleKind: 'every' | 'cron';
  every: string;
  cron: string;
  timeZone: string;
  cycleKind: 'default' | 'limits' | 'forever';
  increments: string;
  days: string;
  retentionKind: 'none' | 'rules' | 'cycles';
  keep: Record<KeepField, string>;
  strategy: 'fold' | 'chains';
  cycles: string;
  consistency: 'crash' | 'paused';
  hasWindow: boolean;
  windowStart: string;
  windowEnd: string;
  windowZone: string;
  /** Ends what still runs when it closes. */
  windowCancels: boolean;
  spread: string;
  bandwidth: string;
  /** Empty: the default one. */
  store: string;
}

const noKeep = Object.fromEntries(keepFields.map((field) => [field, ''])) as Record<KeepField, string>;

export const newPolicy: PolicyForm = {
  name: '',
  description: '',
  published: false,
  enabled: true,
  scheduleKind: 'every',
  every: '1d',
  cron: '0 2 * * *',
  timeZone: 'UTC',
  cycleKind: 'default',
  increments: '',
  days: '',
  retentionKind: 'rules',
  keep: { ...noKeep, daily: '7', weekly: '4' },
  strategy: 'fold',
  cycles: '2',
  consistency: 'crash',
  hasWindow: false,
  windowStart: '22:00',
  windowEnd: '06:00',
  windowZone: 'UTC',
  windowCancels: false,
  spread: '0',
  bandwidth: '',
  store: '',
};

export function formOf(policy: Policy): PolicyForm {
  return {
    ...newPolicy,
    name: policy.name,
    description: policy.description,
    published: policy.published,
    enabled: policy.enabled,
    consistency: policy.consistency,
    spread: String(policy.spread_minutes),
    bandwidth: textOf(policy.bandwidth_mib),
    store: policy.store ?? '',
    ...scheduleFields(policy.schedule),
    ...cycleFields(policy.cycle),
    ...retentionFields(policy.retention),
    ...(policy.window === null ? {} : windowFields(policy.window)),
  };
}

function textOf(value: number | null | undefined): string {
  return value == null ? '' : String(value);
}

function scheduleFields({ cron, every, time_zone: zone }: Policy['schedule']): Partial<PolicyForm> {
  if (cron !== undefined) return { scheduleKind: 'cron', cron, timeZone: zone ?? newPolicy.timeZone };
  return { scheduleKind: 'every', every: every ?? newPolicy.every };
}

function cycleFields(cycle: Policy['cycle']): Partial<PolicyForm> {
  if (cycle === null) return { cycleKind: 'default' };
  if (cycle.forever === true) return { cycleKind: 'forever' };
  return { cycleKind: 'limits', increments: textOf(cycle.increments), days: textOf(cycle.days) };
}

function retentionFields(retention: Policy['retention']): Partial<PolicyForm> {
  if (retention === null) return { retentionKind: 'none' };
  const { cycles, keep, strategy } = retention;
  if (cycles !== undefined) return { retentionKind: 'cycles', cycles: String(cycles) };
  return { retentionKind: 'rules', keep: keepOf(keep), strategy: strategy ?? newPolicy.strategy };
}

function windowFields({
  start,
  end,
  time_zone: zone,
  at_end: atEnd,
}: NonNullable<Policy['window']>): Partial<PolicyForm> {
  return {
    hasWindow: true,
    windowStart: start,
    windowEnd: end,
    windowZone: zone ?? newPolicy.windowZone,
    windowCancels: atEnd === 'cancel',
  };
}

function keepOf(keep: NonNullable<Policy['retention']>['keep']): Record<KeepField, string> {
  return Object.fromEntries(
    keepFields.map((field) => [field, keep?.[field] === undefined ? '' : String(keep[field])]),
  ) as Record<KeepField, string>;
}

/** What the API takes; a number that is none is left to the API to refuse, which says what must be there. */
export function bodyOf(form: PolicyForm): Required<PolicyBody> {
  return {
    description: form.description,
    published: form.published,
    enabled: form.enabled,
    schedule:
      form.scheduleKind === 'every'
        ? { every: form.every.trim() }
        : { cron: form.cron.trim(), time_zone: form.timeZone.trim() },
    cycle: cycleOf(form),
    retention: retentionOf(form),
    consistency: form.consistency,
    window: form.hasWindow
      ? {
          start: form.windowStart,
          end: form.windowEnd,
          time_zone: form.windowZone.trim(),
          at_end: form.windowCancels ? 'cancel' : 'finish',
        }
      : null,
    spread_minutes: Number(form.spread),
    bandwidth_mib: form.bandwidth.trim() === '' ? null : Number(form.bandwidth),
    store: form.store.trim() === '' ? null : form.store.trim(),
  };
}

function cycleOf({ cycleKind, increments, days }: PolicyForm): PolicyBody['cycle'] & object {
  if (cycleKind === 'default') return null as never;
  if (cycleKind === 'forever') return { forever: true };
  return {
    ...(increments.trim() === '' ? {} : { increments: Number(increments) }),
    ...(days.trim() === '' ? {} : { days: Number(days) }),
  };
}

function retentionOf({
  retentionKind,
  keep,
  strategy,
  cycles,
}: PolicyForm): PolicyBody['retention'] & object {
  if (retentionKind === 'none') return null as never;
  if (retentionKind === 'cycles') return { cycles: Number(cycles) };
  const rules = keepFields
    .filter((field) => keep[field].trim() !== '')
    .map((field) => [field, Number(keep[field])] as const);
  return { keep: Object.fromEntries(rules), strategy };
}
