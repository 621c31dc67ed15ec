import type { Overview, StoreUsage } from '../../../workflows/watch/overview.ts';
import type { ApiDeps } from '../api-deps.ts';
import { jobKind, jobState } from '../resources/job.ts';
import { route, type RouteTable } from '../route.ts';
import { bytes, nameOrId, optionalInstant, timestamp } from '../schemas/common.ts';
import { z } from '../zod.ts';

const count = z.number().int().min(0);

const storeSumSchema = z.strictObject({ store_id: z.string(), links: count, stored_bytes: bytes });

const overviewSchema = z
  .strictObject({
    at: timestamp,
    policies: z
      .array(
        z.strictObject({
          id: z.string(),
          name: z.string(),
          sources: count.openapi({ description: 'Instances and volumes that it backs up.' }),
          missed: count.openapi({ description: 'Of these, those without a good point since `due_at`.' }),
          due_at: timestamp.openapi({ description: 'The last run that every source must have a point of.' }),
          oldest_point_at: timestamp
            .nullable()
            .openapi({ description: 'The oldest of the newest points of its sources.' }),
        }),
      )
      .openapi({ description: 'Enabled ones that protect something, those with the most gaps first.' }),
    jobs: z
      .array(z.strictObject({ kind: jobKind, state: jobState, jobs: count, oldest_created_at: timestamp }))
      .openapi({ description: 'Queued and running ones.' }),
    failures: z
      .array(z.strictObject({ kind: jobKind, last_day: count, last_week: count }))
      .openapi({ description: 'Jobs that failed within 24 hours, and within 7 times 24.' }),
    damaged_points: count,
    pending_restores: count.openapi({ description: 'Restores that wait for an approval.' }),
    verifications: z
      .array(z.strictObject({ level: z.string(), at: timestamp }))
      .openapi({ description: 'The newest of each level.' }),
    stores: z.array(storeSumSchema),
  })
  .openapi('Overview');

const usageSchema = z
  .strictObject({
    store_id: z.string(),
    links: count.openapi({ description: 'Now.' }),
    stored_bytes: bytes.openapi({ description: 'Now.' }),
    days: z
      .array(
        z.strictObject({ day: z.string().openapi({ format: 'date' }), links: count, stored_bytes: bytes }),
      )
      .openapi({ description: 'As it was at the first look of each day (UTC), oldest first.' }),
  })
  .openapi('StoreUsage');

/** How the service is doing, and how its stores fill. */
export function addOverviewRoutes(table: RouteTable, { operations }: ApiDeps): void {
  const { overview } = operations;
  route(table, {
    method: 'get',
    path: '/v1/overview',
    operationId: 'showOverview',
    summary: 'Show how the service is doing (administrators, and the system)',
    description:
      'From the database alone, so that it answers whatever the cloud does; `/v1/coverage/projects` counts what is protected.',
    tag: 'coverage',
    response: z.strictObject({ overview: overviewSchema }),
    handle: async ({ caller }) => ({ overview: presentOverview(await overview.show(caller)) }),
  });

  route(table, {
    method: 'get',
    path: '/v1/stores/{name_or_id}/usage',
    operationId: 'showStoreUsage',
    summary: 'Show how much a store holds, day by day (administrators, and the system)',
    tag: 'cluster',
    params: z.strictObject({ name_or_id: nameOrId }),
    query: z.strictObject({
      since: optionalInstant.openapi({
        description: 'From the day (UTC) of this instant on; 90 days when left out, ten years at most.',
      }),
    }),
    response: z.strictObject({ usage: usageSchema }),
    handle: async ({ caller, params, query }) => ({
      usage: presentUsage(await overview.storeUsage(caller, params.name_or_id, query.since)),
    }),
  });
}

function presentOverview(overview: Overview): z.input<typeof overviewSchema> {
  return {
    at: overview.at.toISOString(),
    policies: overview.policies.map(({ policyId, policy, sources, missed, dueAt, oldestTakenAt }) => ({
      id: policyId,
      name: policy,
      sources,
      missed,
      due_at: dueAt.toISOString(),
      oldest_point_at: oldestTakenAt?.toISOString() ?? null,
    })),
    jobs: overview.jobs.map(({ kind, state, jobs, oldestCreatedAt }) => ({
      kind,
      state,
      jobs,
      oldest_created_at: oldestCreatedAt.toISOString(),
    })),
    failures: overview.failures.map(({ kind, lastDay, lastWeek }) => ({
      kind,
      last_day: lastDay,
      last_week: lastWeek,
    })),
    damaged_points: overview.damagedPoints,
    pending_restores: overview.pendingRestores,
    verifications: overview.verifications.map(({ level, at }) => ({ level, at: at.toISOString() })),
    stores: overview.stores.map(presentSum),
  };
}

function presentSum({
  storeId,
  links,
  storedBytes,
}: Pick<StoreUsage, 'storeId' | 'links' | 'storedBytes'>): z.input<typeof storeSumSchema> {
  return { store_id: storeId, links, stored_bytes: storedBytes };
}

function presentUsage({ days, ...usage }: StoreUsage): z.input<typeof usageSchema> {
  return {
    ...presentSum(usage),
    days: days.map(({ day, links, storedBytes }) => ({ day, links, stored_bytes: storedBytes })),
  };
}
