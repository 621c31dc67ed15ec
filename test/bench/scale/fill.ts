/** Made-up rows, made by PostgreSQL itself: instances with three disks each, and points of all of them, by the hour. */
import type { Sql } from '../../../src/drivers/catalog/connect.ts';

export interface Size {
  instances: number;
  disksPerInstance: number;
  pointsPerInstance: number;
}

export const projects = 100;
/** A store that few sources are in, beside the one that all others are in. */
export const rareStore = 'far';
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
    await trx.raw(jobRows(size, from));
    await trx.raw(restoreRows);
    await trx.raw(auditRows(size, from));
    await trx.raw(
      'truncate emberkeep.point_sources, emberkeep.disks, emberkeep.store_usage, emberkeep.store_usage_changes',
    );
    await trx.raw(derived);
  });
  await sql.raw(
    'analyze emberkeep.points, emberkeep.links, emberkeep.point_sources, emberkeep.jobs, emberkeep.restores, emberkeep.audit',
  );
}

/** One source in a hundred is in the rare store, one in a thousand is an image. */
const storeOf = `case when i % 100 = 0 then '${rareStore}' else 'main' end`;
const kindOf = `case when i % 1000 = 0 then 'image' else 'instance' end`;

function pointRows({ instances, pointsPerInstance }: Size, from: number): string {
  return `
insert into emberkeep.points (id, kind, source_id, source_name, project_id, taken_at, spread_ms, consistency, state,
  store_id, deleted_at, manifest, verified_at, verified_level, verified_outcome)
select pg_temp.made_id(1, i, n), ${kindOf}, pg_temp.made_id(2, i, 0)::text, 'vm-' || i, 'project-' || i % ${projects},
  now() - interval '1 hour' * (${pointsPerInstance} - n) - interval '0.2 seconds' * i, 12, 'crash', 'complete', ${storeOf},
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
  case when n < ${pointsPerInstance} - 1 then now() end, 100000000, 50000000, 90000000, 10000000, ${storeOf}, 'complete',
  now() - interval '1 hour' * (${pointsPerInstance} - n), '{"format": "emberkeep-link"}'
from generate_series(1, ${instances}) i, generate_series(0, ${disksPerInstance} - 1) d,
  generate_series(${from}, ${pointsPerInstance} - 1) n`;
}

const derived = `
insert into emberkeep.point_sources
  (kind, source_id, project_id, store_id, source_name, seen_at, newest_point_id, newest_taken_at)
  select distinct on (source_id) kind, source_id, project_id, store_id, source_name, taken_at, id, taken_at
  from emberkeep.points order by source_id, taken_at desc;
update emberkeep.points set size_bytes = sums.size_bytes, stored_bytes = sums.stored_bytes
  from (select point_id, sum(size_bytes) as size_bytes, sum(stored_bytes) as stored_bytes from emberkeep.links group by point_id) sums
  where sums.point_id = points.id;
insert into emberkeep.store_usage select store_id, count(*), sum(stored_bytes) from emberkeep.links group by store_id;
insert into emberkeep.disks (disk_key, project_id, kind, source_id)
  select distinct links.disk_key, points.project_id, points.kind, points.source_id
  from emberkeep.links join emberkeep.points on points.id = links.point_id;
`;

/** For one point in ten a job: a backup, or a restore of every tenth instance; one in two hundred failed. */
function jobRows({ instances, pointsPerInstance }: Size, from: number): string {
  return `
insert into emberkeep.jobs (id, kind, state, project_id, target, source_id, requested_by, created_at, started_at, finished_at)
select pg_temp.made_id(6, i, n), case when i % 10 = 0 then 'restore' else 'backup' end,
  case when (i / 10 + n) % 200 = 0 then 'failed' else 'succeeded' end, 'project-' || i % ${projects},
  jsonb_build_object('pointId', pg_temp.made_id(1, i, n)), pg_temp.made_id(2, i, 0)::text, '{}',
  now() - interval '1 hour' * n - interval '0.2 seconds' * i, now(), now() - interval '1 hour' * n
from generate_series(1, ${instances}) i, generate_series(${Math.ceil(from / 10)}, ${Math.ceil(pointsPerInstance / 10)} - 1) n`;
}

const restoreRows = `
insert into emberkeep.restores (id, job_id, point_id, mode, project_id, state, created_at, finished_at)
select id, id, (target ->> 'pointId')::uuid, 'image', project_id, 'succeeded', created_at, finished_at
from emberkeep.jobs where kind = 'restore' and not exists (select from emberkeep.restores where restores.job_id = jobs.id)`;

/** Three for each job; what has failed was refused. */
function auditRows({ instances, pointsPerInstance }: Size, from: number): string {
  return `
insert into emberkeep.audit (at, actor, action, target, result, request_id, project_id)
select now() - interval '1 hour' * n - interval '0.2 seconds' * i, jsonb_build_object('userId', 'user-' || i % 1000),
  (array['backup.create', 'point.delete', 'restore.create'])[k], '{}',
  case when (i / 10 + n) % 200 = 0 then 'refused' else 'allowed' end, 'req-' || i || '-' || n, 'project-' || i % ${projects}
from generate_series(${Math.ceil(from / 10)}, ${Math.ceil(pointsPerInstance / 10)} - 1) n, generate_series(1, ${instances}) i,
  generate_series(1, 3) k`;
}

/** A policy that protects every instance, and a reconciliation that found as much as one keeps. */
export async function addTheRest(sql: Sql, { instances }: Size, policyId: string): Promise<string> {
  const { rows } = await sql.transaction(async (trx) => {
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
    return await trx.raw<{ rows: [{ id: string }] }>(
      `insert into emberkeep.jobs (id, kind, state, target, requested_by, created_at, started_at, finished_at, result)
       select pg_temp.made_id(7, 0, 0), 'reconcile', 'succeeded', '{}', '{}', now(), now(), now(),
         jsonb_build_object('findings', jsonb_agg(jsonb_build_object('kind', 'snapshot', 'name', 'backup.' || n,
           'location', 'ceph/volumes/volume-' || n, 'outcome', 'done', 'reason', 'made up')), 'drift', '[]'::jsonb)
       from generate_series(1, 1000) n returning id`,
    );
  });
  await sql.raw('analyze emberkeep.policy_sources');
  return rows[0].id;
}
