/** Made-up rows, made by PostgreSQL itself: instances with three disks each, and points of all of them, by the hour. */
import type { Sql } from '../../../src/drivers/catalog/connect.ts';

export interface Size {
  instances: number;
  disksPerInstance: number;
  pointsPerInstance: number;
}

export const projects = 100;
/** Links of a chain, its full included. */
const chainLength = 25;

/** Ids are computed from numbers, so that rows can name each other without being asked for. */
const functions = `
create or replace function pg_temp.made_id(kind int, a bigint, b bigint) returns uuid language sql immutable as $$
  select (lpad(to_hex(kind), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(a), 6, '0') || lpad(to_hex(b), 6, '0'))::uuid
$$;
`;

/** Points from number \`from\` of each source on. Triggers and keys are off meanwhile; what they keep is made at the end. */
export async function addPoints(sql: Sql, size: Size, from: number): Promise<void> {
  await sql.transaction(async (trx) => {
    await trx.raw('set local session_replication_role = replica');
    await trx.raw('set local statement_timeout = 0');
    await trx.raw(functions);
    await trx.raw(pointRows(size, from));
    await trx.raw(linkRows(size, from));
    await trx.raw(
      'truncate emberkeep.point_sources, emberkeep.disks, emberkeep.store_usage, emberkeep.store_usage_changes',
    );
    await trx.raw(derived);
  });
  await sql.raw('analyze emberkeep.points, emberkeep.links, emberkeep.point_sources');
}

function pointRows({ instances, pointsPerInstance }: Size, from: number): string {
  return `
insert into emberkeep.points (id, kind, source_id, source_name, project_id, taken_at, spread_ms, consistency, state,
  store_id, deleted_at, manifest, verified_at, verified_level, verified_outcome)
select pg_temp.made_id(1, i, n), 'instance', pg_temp.made_id(2, i, 0)::text, 'vm-' || i, 'project-' || i % ${projects},
  now() - interval '1 hour' * (${pointsPerInstance} - n) - interval '0.2 seconds' * i, 12, 'crash', 'complete', 'main',
  null, jsonb_build_object('format', 'emberkeep-point', 'version', 1, 'pointId', pg_temp.made_id(1, i, n), 'filler', repeat('x', 200)),
  case when n % 50 = 0 then now() - interval '1 day' end,
  case when n % 50 = 0 then 'full' end, case when n % 50 = 0 then 'intact' end
from generate_series(1, ${instances}) i, generate_series(${from}, ${pointsPerInstance} - 1) n`;
}

function linkRows({ instances, disksPerInstance, pointsPerInstance }: Size, from: number): string {
  const disk = `i * ${disksPerInstance} + d`;
  const first = `n - n % ${chainLength}`;
  return `
insert into emberkeep.links (id, point_id, disk_key, kind, chain_id, parent_link_id, depth, cluster, cluster_id, pool,
  image, image_id, size_bytes, from_snapshot_name, from_snapshot_id, to_snapshot_name, to_snapshot_id,
  snapshot_released_at, plain_bytes, stored_bytes, data_bytes, zero_bytes, store_id, state, created_at, manifest)
select pg_temp.made_id(3, ${disk}, n), pg_temp.made_id(1, i, n), 'volume:' || pg_temp.made_id(4, ${disk}, 0),
  case n % ${chainLength} when 0 then 'full' else 'increment' end, pg_temp.made_id(3, ${disk}, ${first}),
  case n % ${chainLength} when 0 then null else pg_temp.made_id(3, ${disk}, n - 1) end, n % ${chainLength},
  'ceph', 'cluster-id', 'volumes', 'volume-' || ${disk}, 'image-' || ${disk}, 10737418240,
  case n % ${chainLength} when 0 then null else 'backup.' || pg_temp.made_id(3, ${disk}, n - 1) || '.snap.1' end,
  case n % ${chainLength} when 0 then null else n - 1 end, 'backup.' || pg_temp.made_id(3, ${disk}, n) || '.snap.1', n,
  case when n < ${pointsPerInstance} - 1 then now() end, 100000000, 50000000, 90000000, 10000000, 'main', 'complete',
  now() - interval '1 hour' * (${pointsPerInstance} - n), '{"format": "emberkeep-link"}'
from generate_series(1, ${instances}) i, generate_series(0, ${disksPerInstance} - 1) d,
  generate_series(${from}, ${pointsPerInstance} - 1) n`;
}

const derived = `
insert into emberkeep.point_sources
  (kind, source_id, project_id, store_id, source_name, seen_at, newest_point_id, newest_taken_at)
  select distinct on (source_id) kind, source_id, project_id, store_id, source_name, taken_at, id, taken_at
  from emberkeep.points order by source_id, taken_at desc;
insert into emberkeep.store_usage select store_id, count(*), sum(stored_bytes) from emberkeep.links group by store_id;
insert into emberkeep.disks (disk_key, project_id, kind, source_id)
  select distinct links.disk_key, points.project_id, points.kind, points.source_id
  from emberkeep.links join emberkeep.points on points.id = links.point_id;
`;

/** A policy that protects every instance, and a finished job with its events for a tenth of the points. */
export async function addTheRest(
  sql: Sql,
  { instances, pointsPerInstance }: Size,
  policyId: string,
): Promise<void> {
  await sql.transaction(async (trx) => {
    await trx.raw('set local session_replication_role = replica');
    await trx.raw('set local statement_timeout = 0');
    await trx.raw(functions);
    await trx.raw(
      `insert into emberkeep.policy_sources
         (id, policy_id, revision, kind, source_id, source_name, project_id, target, next_run_at, created_at)
       select pg_temp.made_id(5, i, 0), ?, 1, 'instance', pg_temp.made_id(2, i, 0)::text, 'vm-' || i,
         'project-' || i % ${projects}, jsonb_build_object('kind', 'instance', 'id', pg_temp.made_id(2, i, 0)::text,
           'name', 'vm-' || i, 'projectId', 'project-' || i % ${projects}),
         date_trunc('second', now()) + interval '1 hour', now() - interval '1 year'
       from generate_series(1, ${instances}) i`,
      [policyId],
    );
    await trx.raw(
      `insert into emberkeep.jobs (id, kind, state, project_id, target, requested_by, created_at, started_at, finished_at)
       select pg_temp.made_id(6, i, n), 'backup', 'succeeded', 'project-' || i % ${projects}, '{}', '{}',
         now() - interval '1 hour' * n, now(), now()
       from generate_series(1, ${instances}) i, generate_series(1, ${Math.ceil(pointsPerInstance / 10)}) n`,
    );
  });
  await sql.raw('analyze emberkeep.policy_sources, emberkeep.jobs');
}
