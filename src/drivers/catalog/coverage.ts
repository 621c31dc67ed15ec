/** How sources are protected, read source by source: nothing here costs more because there are more points. */
import type { Policy } from '../../domain/policy.ts';
import type { PolicySource } from '../../domain/policy-assignment.ts';
import type { Sql } from './connect.ts';
import { mapped } from './errors.ts';
import { toPolicySourceRow, type PolicySourceRecord } from './rows.ts';

/** What the catalog knows of one instance or volume, and of one policy that protects it: several are a row each. */
export interface CoverageRow {
  sourceId: string;
  /** Its newest complete point; of a volume also one of the instance that it was attached to. */
  lastPoint: { id: string; takenAt: Date } | undefined;
  /** When the newest one in the store that the policy writes to was taken. */
  inStoreAt: Date | undefined;
  policy: Pick<Policy, 'name' | 'enabled' | 'spec'> | undefined;
  source: PolicySource | undefined;
}

export interface CoverageStatements {
  ofInstances(ids: readonly string[]): Promise<CoverageRow[]>;
  /** With the instance that each is attached to, whose policy protects it too. */
  ofVolumes(volumes: readonly { id: string; instanceId: string | undefined }[]): Promise<CoverageRow[]>;
}

export function bindCoverage(sql: Sql): CoverageStatements {
  return {
    ofInstances: (ids) =>
      mapped(() =>
        coverageOf(
          sql,
          { latest: latestOfInstance, inStore: inStoreOfInstance },
          ids.map((id) => ({ id, kind: 'instance', policyOf: id })),
        ),
      ),
    ofVolumes: (volumes) =>
      mapped(() =>
        coverageOf(
          sql,
          { latest: latestOfVolume, inStore: inStoreOfVolume },
          volumes.map(({ id, instanceId }) => ({
            id,
            kind: instanceId === undefined ? 'volume' : 'instance',
            policyOf: instanceId ?? id,
          })),
        ),
      ),
  };
}

// Each takes one row from an index: points_of_source, links_of_disk.
const latestOfInstance = `
  select points.id, points.taken_at from emberkeep.points
  where points.source_id = wanted.id and points.kind = 'instance' and points.state = 'complete'
  order by points.taken_at desc, points.id desc limit 1`;
const latestOfVolume = `
  select points.id, points.taken_at
  from emberkeep.links join emberkeep.points on points.id = links.point_id
  where links.disk_key = 'volume:' || wanted.id and links.state = 'complete' and points.state = 'complete'
  order by links.created_at desc limit 1`;

// The same in the store of one policy.
const inStoreOfInstance = `
  select max(newest_taken_at) as taken_at from emberkeep.point_sources known
  where known.kind = 'instance' and known.source_id = wanted.id
    and known.store_id = emberkeep.store_of_policy(policies.spec)`;
const inStoreOfVolume = `
  select points.taken_at
  from emberkeep.links join emberkeep.points on points.id = links.point_id
  where links.disk_key = 'volume:' || wanted.id and links.store_id = emberkeep.store_of_policy(policies.spec)
    and links.state = 'complete' and points.state = 'complete'
  order by links.created_at desc limit 1`;

interface Wanted {
  id: string;
  kind: 'instance' | 'volume';
  /** Whose policy protects it. */
  policyOf: string;
}

interface CoverageRecord {
  wanted_id: string;
  point_id: string | null;
  taken_at: Date | null;
  in_store_at: Date | null;
  source: PolicySourceRecord | null;
  policy: Pick<Policy, 'name' | 'enabled' | 'spec'> | null;
}

async function coverageOf(
  sql: Sql,
  { latest, inStore }: { latest: string; inStore: string },
  wanted: readonly Wanted[],
): Promise<CoverageRow[]> {
  if (wanted.length === 0) return [];
  const { rows } = await sql.raw<{ rows: CoverageRecord[] }>(
    `select wanted.id as wanted_id, latest.id as point_id, latest.taken_at, in_store.taken_at as in_store_at,
       case when sources.id is null then null else to_jsonb(sources) end as source,
       case when policies.id is null then null else jsonb_build_object(
         'name', policies.name, 'enabled', policies.enabled, 'spec', policies.spec) end as policy
     from unnest(?::text[], ?::text[], ?::text[]) as wanted (id, kind, policy_of)
     left join lateral (${latest}) as latest on true
     left join emberkeep.policy_sources as sources
       on sources.kind = wanted.kind and sources.source_id = wanted.policy_of
     left join emberkeep.policies on policies.id = sources.policy_id
     left join lateral (${inStore}) as in_store on true
     order by policies.name`,
    [wanted.map(({ id }) => id), wanted.map(({ kind }) => kind), wanted.map(({ policyOf }) => policyOf)],
  );
  return rows.map(
    ({ wanted_id: sourceId, point_id: pointId, taken_at: takenAt, source, policy, ...row }) => ({
      sourceId,
      lastPoint: pointId === null || takenAt === null ? undefined : { id: pointId, takenAt },
      inStoreAt: row.in_store_at ?? undefined,
      policy: policy ?? undefined,
      source: source === null ? undefined : datesOf(toPolicySourceRow(source)),
    }),
  );
}

/** Through JSON the database's times come as text. */
function datesOf(source: PolicySource): PolicySource {
  const date = (at: Date | undefined): Date | undefined => (at === undefined ? undefined : new Date(at));
  return {
    ...source,
    nextRunAt: date(source.nextRunAt),
    lastRunAt: date(source.lastRunAt),
    createdAt: new Date(source.createdAt),
  };
}
