import type { Policy, PolicySpec } from '../../../domain/policy.ts';
import {
  policyReaches,
  type PolicyAssignment,
  type PolicySelector,
  type PolicySource,
} from '../../../domain/policy-assignment.ts';
import type { RetentionRules } from '../../../domain/retention.ts';
import type { SimulatedDay } from '../../../domain/policy-simulation.ts';
import { timestamp } from '../schemas/common.ts';
import { z } from '../zod.ts';
import { pointKind } from './point.ts';
import {
  bandwidthSchema,
  consistencySchema,
  cycleSchema,
  retentionSchema,
  scheduleSchema,
  spreadSchema,
  storeSchema,
  windowSchema,
} from './policy-parts.ts';

export const policySchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    published: z.boolean().openapi({ description: 'Every project may see and choose it.' }),
    enabled: z.boolean(),
    schedule: scheduleSchema,
    cycle: cycleSchema,
    retention: retentionSchema,
    consistency: consistencySchema,
    window: windowSchema,
    spread_minutes: spreadSchema,
    bandwidth_mib: bandwidthSchema,
    store: storeSchema,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .openapi('Policy');

export function presentPolicy(policy: Policy): z.input<typeof policySchema> {
  const { id, name, description, published, enabled, spec, createdAt, updatedAt } = policy;
  return {
    id,
    name,
    description,
    published,
    enabled,
    schedule: presentSchedule(spec.schedule),
    cycle: presentCycle(spec.cycle),
    retention: presentRetention(spec.retention),
    consistency: spec.consistency,
    window: presentWindow(spec.window),
    spread_minutes: spec.spreadMinutes,
    bandwidth_mib: spec.bandwidthMib ?? null,
    store: spec.store ?? null,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}

function presentSchedule(schedule: PolicySpec['schedule']): z.input<typeof scheduleSchema> {
  if (schedule.kind === 'cron') return { cron: schedule.expression, time_zone: schedule.timeZone };
  const minutes = schedule.everyMinutes;
  if (minutes % 1440 === 0) return { every: `${minutes / 1440}d` };
  return { every: minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m` };
}

function presentCycle(cycle: PolicySpec['cycle']): z.input<typeof cycleSchema> {
  if (cycle === undefined) return null;
  return cycle.kind === 'forever' ? { forever: true } : { increments: cycle.increments, days: cycle.days };
}

function presentRetention(retention: PolicySpec['retention']): z.input<typeof retentionSchema> {
  if (retention === undefined) return null;
  if (retention.kind === 'cycles') return { cycles: retention.cycles };
  return { keep: presentRules(retention.rules), strategy: retention.strategy };
}

function presentRules(rules: RetentionRules): NonNullable<z.input<typeof retentionSchema>>['keep'] {
  return {
    last: rules.keepLast,
    hourly: rules.keepHourly,
    daily: rules.keepDaily,
    weekly: rules.keepWeekly,
    monthly: rules.keepMonthly,
    yearly: rules.keepYearly,
    within_days: rules.keepWithinDays,
  };
}

function presentWindow(window: PolicySpec['window']): z.input<typeof windowSchema> {
  if (window === undefined) return null;
  const { start, end, timeZone, atEnd = 'finish' } = window;
  return { start, end, time_zone: timeZone, at_end: atEnd };
}

export const selectorKind = z.enum(['instance', 'project', 'metadata', 'tag', 'pool']);

export const policyAssignmentSchema = z
  .strictObject({
    id: z.string(),
    policy_id: z.string(),
    kind: selectorKind,
    selector: z
      .record(z.string(), z.string())
      .openapi({ description: 'instance_id, project_id, key and value, tag, or cluster and pool.' }),
    project_id: z.string().nullable().openapi({ description: 'Only what is in this project; null: in any.' }),
    by_admin: z.boolean().openapi({ description: 'Only an administrator can take it away.' }),
    created_at: timestamp,
  })
  .openapi('PolicyAssignment');

export function presentAssignment(assignment: PolicyAssignment): z.input<typeof policyAssignmentSchema> {
  const { id, policyId, selector, projectId, byAdmin, createdAt } = assignment;
  return {
    id,
    policy_id: policyId,
    kind: selector.kind,
    selector: presentSelector(selector),
    project_id: projectId ?? null,
    by_admin: byAdmin,
    created_at: createdAt.toISOString(),
  };
}

function presentSelector(selector: PolicySelector): Record<string, string> {
  switch (selector.kind) {
    case 'instance':
      return { instance_id: selector.instanceId };
    case 'project':
      return { project_id: selector.projectId };
    case 'metadata':
      return { key: selector.key, value: selector.value };
    case 'tag':
      return { tag: selector.tag };
    case 'pool':
      return { cluster: selector.cluster, pool: selector.pool };
  }
}

export const policyReach = z.enum(policyReaches);
export const lastState = z.enum(['running', 'succeeded', 'failed', 'cancelled']);

export const policySourceSchema = z
  .strictObject({
    id: z.string(),
    kind: pointKind,
    source_id: z.string(),
    source_name: z.string(),
    project_id: z.string().nullable(),
    reached_by: policyReach.nullable().openapi({
      description:
        'What assigns the policy to it: `instance` itself, its own `choice` (metadata or tag `emberkeep:policy`), other metadata or a tag, its project, or a pool. null until assignments are looked at next.',
    }),
    gone: z
      .boolean()
      .openapi({ description: 'Deleted from the cloud; its points stay as the retention says.' }),
    last_run_at: timestamp.nullable(),
    last_state: lastState.nullable(),
    last_error: z.string().nullable(),
    job_id: z.string().nullable().openapi({ description: 'The backup under way.' }),
    next_run_at: timestamp.nullable(),
  })
  .openapi('PolicySource');

export function presentSource(source: PolicySource): z.input<typeof policySourceSchema> {
  return {
    id: source.id,
    kind: source.kind,
    source_id: source.sourceId,
    source_name: source.sourceName,
    project_id: source.projectId ?? null,
    reached_by: source.reach ?? null,
    gone: source.gone,
    last_run_at: source.lastRunAt?.toISOString() ?? null,
    last_state: source.lastState ?? null,
    last_error: source.lastError ?? null,
    job_id: source.jobId ?? null,
    next_run_at: source.nextRunAt?.toISOString() ?? null,
  };
}

const count = z.number().int().min(0);

export const simulatedDaySchema = z
  .strictObject({
    date: z.string().openapi({ format: 'date', description: 'UTC.' }),
    taken: z.array(z.strictObject({ at: timestamp, kind: z.enum(['full', 'increment']) })),
    deleted: z
      .array(timestamp)
      .openapi({ description: 'When the points that go on this day had been taken.' }),
    points: count.openapi({ description: 'At the end of the day.' }),
    fulls: count,
    increments: count,
    oldest: timestamp.nullable(),
  })
  .openapi('SimulatedDay');

export function presentDay(day: SimulatedDay): z.input<typeof simulatedDaySchema> {
  return {
    ...day,
    taken: day.taken.map(({ at, kind }) => ({ at: at.toISOString(), kind })),
    deleted: day.deleted.map((at) => at.toISOString()),
    oldest: day.oldest?.toISOString() ?? null,
  };
}
