import type { PolicySpec } from '../../../domain/policy.ts';
import type { AssignmentTarget } from '../../../workflows/policies/policy-operations.ts';
import { AppError } from '../../../base/errors.ts';
import {
  bandwidthSchema,
  consistencySchema,
  cycleSchema,
  retentionSchema,
  scheduleSchema,
  spreadSchema,
  storeSchema,
  windowSchema,
} from '../resources/policy-parts.ts';
import { z } from '../zod.ts';
import { nameOrId, optionalInstant } from './common.ts';
import { rulesOf } from './expiration-request.ts';

const description = z.string().max(1000);

export const policyBody = z
  .strictObject({
    name: nameOrId.openapi({ description: 'Up to 40 letters, digits, ".", "_" and "-".' }),
    description: description.default(''),
    published: z.boolean().default(false),
    enabled: z.boolean().default(true),
    schedule: scheduleSchema,
    cycle: cycleSchema.default(null),
    retention: retentionSchema.default(null),
    consistency: consistencySchema.default('crash'),
    window: windowSchema.default(null),
    spread_minutes: spreadSchema.default(0),
    bandwidth_mib: bandwidthSchema.default(null),
    store: storeSchema.default(null),
  })
  .openapi('PolicyRequest');

export const policyChangeBody = z
  .strictObject({
    description: description.optional(),
    published: z.boolean().optional(),
    enabled: z.boolean().optional(),
    schedule: scheduleSchema.optional(),
    cycle: cycleSchema.optional(),
    retention: retentionSchema.optional(),
    consistency: consistencySchema.optional(),
    window: windowSchema.optional(),
    spread_minutes: spreadSchema.optional(),
    bandwidth_mib: bandwidthSchema.optional(),
    store: storeSchema.optional(),
  })
  .openapi('PolicyChange', { description: 'What is left out stays as it is.' });

const selectors = ['instance', 'project', 'metadata', 'tag', 'pool'] as const;

export const assignmentBody = z
  .strictObject({
    instance: nameOrId.optional(),
    project: nameOrId.optional().openapi({ description: "A project's id." }),
    metadata: z
      .strictObject({ key: z.string().min(1).max(255), value: z.string().max(255) })
      .optional()
      .openapi({ description: 'Instances with this key and value.' }),
    tag: z.string().min(1).max(60).optional().openapi({ description: 'Instances with this tag.' }),
    pool: nameOrId.optional().openapi({ description: 'Every image of an RBD pool. Administrators only.' }),
    cluster: nameOrId.optional(),
    project_id: nameOrId.optional().openapi({
      description: "Beside metadata or tag: only instances of this project; a tenant's own always.",
    }),
  })
  .refine((body) => selectors.filter((key) => body[key] !== undefined).length === 1, {
    error: `must name exactly one of ${selectors.join(', ')}`,
  })
  .refine((body) => body.project_id === undefined || body.metadata !== undefined || body.tag !== undefined, {
    error: 'takes project_id only beside metadata or tag',
  })
  .openapi('PolicyAssignmentRequest');

export const simulationBody = z
  .strictObject({
    days: z.int().min(1).max(3660).default(90),
    from: optionalInstant,
    source: nameOrId.optional().openapi({ description: 'Id of a source, for its place in the spread.' }),
  })
  .openapi('PolicySimulationRequest');

export function assignmentTarget(
  { instance, project, metadata, tag, pool, cluster }: z.output<typeof assignmentBody>,
  defaultCluster: string,
): AssignmentTarget {
  if (instance !== undefined) return { kind: 'instance', nameOrId: instance };
  if (project !== undefined) return { kind: 'project', projectId: project };
  if (metadata !== undefined) return { kind: 'metadata', ...metadata };
  if (tag !== undefined) return { kind: 'tag', tag };
  if (pool !== undefined) return { kind: 'pool', cluster: cluster ?? defaultCluster, pool };
  throw new AppError('BUG_TARGET', 'the schema let an assignment to nothing through');
}

type Body = z.output<typeof policyBody>;

export function specOf(body: Body): PolicySpec {
  return {
    schedule: toSchedule(body.schedule),
    cycle: toCycle(body.cycle),
    retention: toRetention(body.retention),
    consistency: body.consistency,
    window: toWindow(body.window),
    spreadMinutes: body.spread_minutes,
    bandwidthMib: body.bandwidth_mib ?? undefined,
    store: body.store ?? undefined,
  };
}

/** Only the members that the change names. */
export function changedSpec(body: z.output<typeof policyChangeBody>): Partial<PolicySpec> {
  return {
    ...(body.schedule === undefined ? {} : { schedule: toSchedule(body.schedule) }),
    ...(body.cycle === undefined ? {} : { cycle: toCycle(body.cycle) }),
    ...(body.retention === undefined ? {} : { retention: toRetention(body.retention) }),
    ...(body.consistency === undefined ? {} : { consistency: body.consistency }),
    ...(body.window === undefined ? {} : { window: toWindow(body.window) }),
    ...(body.spread_minutes === undefined ? {} : { spreadMinutes: body.spread_minutes }),
    ...(body.bandwidth_mib === undefined ? {} : { bandwidthMib: body.bandwidth_mib ?? undefined }),
    ...(body.store === undefined ? {} : { store: body.store ?? undefined }),
  };
}

const unitMinutes: Record<string, number> = { m: 1, h: 60, d: 1440 };

function toSchedule({ cron, every, time_zone: timeZone }: Body['schedule']): PolicySpec['schedule'] {
  if (cron !== undefined)
    return { kind: 'cron', expression: cron.trim().split(/\s+/).join(' '), timeZone: timeZone ?? 'UTC' };
  const text = every ?? '';
  return {
    kind: 'every',
    everyMinutes: Number(text.slice(0, -1)) * (unitMinutes[text.slice(-1)] ?? Number.NaN),
  };
}

function toCycle(cycle: Body['cycle']): PolicySpec['cycle'] {
  if (cycle === null) return undefined;
  const { increments, days, forever } = cycle;
  return forever === true ? { kind: 'forever' } : { kind: 'cycle', increments, days };
}

function toRetention(retention: Body['retention']): PolicySpec['retention'] {
  if (retention === null) return undefined;
  const { keep, strategy, cycles } = retention;
  if (cycles !== undefined) return { kind: 'cycles', cycles };
  return { kind: 'rules', rules: rulesOf(keep), strategy: strategy ?? 'fold' };
}

function toWindow(window: Body['window']): PolicySpec['window'] {
  return window === null
    ? undefined
    : {
        start: window.start,
        end: window.end,
        timeZone: window.time_zone ?? 'UTC',
        atEnd: window.at_end,
      };
}
