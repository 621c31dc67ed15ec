/** What monitoring asks for. Its cost follows from policies, sources and unfinished jobs, never from points or links. */
import type { JobKind, JobState } from '../../domain/job.ts';
import type { PointKind } from '../../domain/manifest.ts';
import type { Sql } from './connect.ts';
import { mapped } from './errors.ts';
import { atomically } from './page.ts';

/** A run of a policy that must have brought a point by now. */
export interface Objective {
  policyId: string;
  dueAt: Date;
}

export interface PolicyWatch {
  policyId: string;
  /** Sources of the policy that are still there. */
  sources: number;
  /** Of these, those without a complete point in its store since the run that counts. */
  missed: number;
  /** The oldest of their newest complete points in its store; undefined when none has one. */
  oldestTakenAt: Date | undefined;
}

export interface SourceWatch {
  policyId: string;
  kind: PointKind;
  sourceId: string;
  projectId: string | undefined;
  /** undefined: it has no complete point in the policy's store. */
  newestTakenAt: Date | undefined;
}

export interface JobWatch {
  kind: JobKind;
  state: JobState;
  jobs: number;
  oldestCreatedAt: Date;
}

export interface StoreWatch {
  storeId: string;
  links: number;
  storedBytes: number;
}

export interface FailureWatch {
  kind: JobKind;
  /** Jobs that failed within the last 24 hours, and within the last 7 times 24. */
  lastDay: number;
  lastWeek: number;
}

export interface WatchStatements {
  policies(objectives: readonly Objective[]): Promise<PolicyWatch[]>;
  oldestSources(limit: number): Promise<SourceWatch[]>;
  unfinishedJobs(): Promise<JobWatch[]>;
  failedJobs(): Promise<FailureWatch[]>;
  /** Restores that wait for an approval. */
  pendingRestores(): Promise<number>;
  damagedPoints(): Promise<number>;
  /** Newest verification by level. */
  verifications(): Promise<{ level: string; at: Date }[]>;
  stores(): Promise<StoreWatch[]>;
}

// A source's newest point in the store that its policy writes to, in whichever project it was then.
const newest = `
  (select max(newest_taken_at) from emberkeep.point_sources known
   where known.kind = sources.kind and known.source_id = sources.source_id
     and known.store_id = policies.store_id)`;
const policyStores = `
  policies as materialized (select id, emberkeep.store_of_policy(spec) as store_id from emberkeep.policies)`;

export function bindWatch(sql: Sql): WatchStatements {
  return {
    policies: (objectives) => mapped(() => watchPolicies(sql, objectives)),
    oldestSources: (limit) => mapped(() => oldestSources(sql, limit)),
    unfinishedJobs: () => mapped(() => watchJobs(sql)),
    failedJobs: () => mapped(() => watchFailures(sql)),
    pendingRestores: () => mapped(() => countPending(sql)),
    damagedPoints: () => mapped(() => countDamaged(sql)),
    verifications: () => mapped(() => watchVerifications(sql)),
    stores: () => mapped(() => watchStores(sql)),
  };
}

/** Sources of disabled policies are left out: `objectives` are the enabled ones. One that is new has until its next run. */
async function watchPolicies(sql: Sql, objectives: readonly Objective[]): Promise<PolicyWatch[]> {
  if (objectives.length === 0) return [];
  const { rows } = await sql.raw<{
    rows: { policy_id: string; sources: number; missed: number; oldest: Date | null }[];
  }>(
    `with ${policyStores}
     select policy_id, count(*) as sources, min(newest) as oldest,
       count(*) filter (where coalesce(newest, '-infinity') < due_at and created_at < due_at) as missed
     from (
       select sources.policy_id, sources.created_at, objectives.due_at, ${newest} as newest
       from emberkeep.policy_sources sources
       join policies on policies.id = sources.policy_id
       join unnest(:ids::uuid[], :dues::timestamptz[]) as objectives (policy_id, due_at) using (policy_id)
       where not sources.gone
     ) as watched
     group by policy_id`,
    { ids: objectives.map(({ policyId }) => policyId), dues: objectives.map(({ dueAt }) => dueAt) },
  );
  return rows.map((row) => ({
    policyId: row.policy_id,
    sources: row.sources,
    missed: row.missed,
    oldestTakenAt: row.oldest ?? undefined,
  }));
}

/** Those without a point first, then by the age of the newest. */
async function oldestSources(sql: Sql, limit: number): Promise<SourceWatch[]> {
  if (limit === 0) return [];
  const { rows } = await sql.raw<{
    rows: {
      policy_id: string;
      kind: PointKind;
      source_id: string;
      project_id: string | null;
      newest: Date | null;
    }[];
  }>(
    `with ${policyStores}
     select policy_id, kind, source_id, project_id, ${newest} as newest
     from emberkeep.policy_sources sources join policies on policies.id = sources.policy_id
     where not gone
     order by newest nulls first, source_id limit :limit`,
    { limit },
  );
  return rows.map((row) => ({
    policyId: row.policy_id,
    kind: row.kind,
    sourceId: row.source_id,
    projectId: row.project_id ?? undefined,
    newestTakenAt: row.newest ?? undefined,
  }));
}

async function watchJobs(sql: Sql): Promise<JobWatch[]> {
  const rows = (await sql('emberkeep.jobs')
    .select('kind', 'state')
    .count({ jobs: '*' })
    .min({ oldest: 'created_at' })
    .whereIn('state', ['queued', 'running'])
    .groupBy('kind', 'state')) as unknown as {
    kind: JobKind;
    state: JobState;
    jobs: number;
    oldest: Date;
  }[];
  return rows.map(({ oldest, ...row }) => ({ ...row, oldestCreatedAt: oldest }));
}

async function watchFailures(sql: Sql): Promise<FailureWatch[]> {
  const { rows } = await sql.raw<{ rows: { kind: JobKind; last_day: number; last_week: number }[] }>(
    `select kind, count(*) as last_week,
       count(*) filter (where finished_at > now() - interval '24 hours') as last_day
     from emberkeep.jobs
     where state = 'failed' and finished_at > now() - interval '168 hours'
     group by kind order by kind`,
  );
  return rows.map(({ kind, last_day: lastDay, last_week: lastWeek }) => ({ kind, lastDay, lastWeek }));
}

/** Those whose time is over wait no more, whether or not that was written down already. */
async function countPending(sql: Sql): Promise<number> {
  const [row] = await sql('emberkeep.restores')
    .where('state', 'pending')
    .whereRaw('pending_until > now()')
    .count<{ count: number }[]>({ count: '*' });
  return row?.count ?? 0;
}

async function countDamaged(sql: Sql): Promise<number> {
  const [row] = await sql('emberkeep.points')
    .where('state', 'damaged')
    .count<{ count: number }[]>({ count: '*' });
  return row?.count ?? 0;
}

async function watchVerifications(sql: Sql): Promise<{ level: string; at: Date }[]> {
  const { rows } = await sql.raw<{ rows: { level: string; at: Date | null }[] }>(
    `select level, (
       select verified_at from emberkeep.points
       where verified_level = level and verified_at is not null
       order by verified_at desc limit 1
     ) as at
     from unnest(array['quick', 'full', 'deep']) as level`,
  );
  return rows.flatMap(({ level, at }) => (at === null ? [] : [{ level, at }]));
}

/** So many changes are summed at each look; more are folded into the sums first. */
const foldAbove = 1_000;

async function watchStores(sql: Sql): Promise<StoreWatch[]> {
  const [row] = await sql
    .from(sql('emberkeep.store_usage_changes').select('id').limit(foldAbove).as('some'))
    .count<{ count: number }[]>({ count: '*' });
  if ((row?.count ?? 0) >= foldAbove) await foldUsage(sql);
  const { rows } = await sql.raw<{ rows: { store_id: string; links: number; stored_bytes: number }[] }>(
    `select store_id, sum(links)::bigint as links, sum(stored_bytes)::bigint as stored_bytes
     from (
       select store_id, links, stored_bytes from emberkeep.store_usage
       union all
       select store_id, links, stored_bytes from emberkeep.store_usage_changes
     ) as parts
     group by store_id order by store_id`,
  );
  return rows.map((sum) => ({ storeId: sum.store_id, links: sum.links, storedBytes: sum.stored_bytes }));
}

/** Who comes second finds nothing to do. */
async function foldUsage(sql: Sql): Promise<void> {
  await atomically(sql, async (trx) => {
    await trx.raw(
      `with moved as (delete from emberkeep.store_usage_changes returning store_id, links, stored_bytes)
       insert into emberkeep.store_usage as sums
         select store_id, sum(links)::bigint, sum(stored_bytes)::bigint from moved group by store_id
       on conflict (store_id) do update set
         links = sums.links + excluded.links, stored_bytes = sums.stored_bytes + excluded.stored_bytes`,
    );
  });
}
