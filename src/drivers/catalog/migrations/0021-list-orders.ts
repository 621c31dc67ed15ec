import type { Knex } from 'knex';

/** Orders and filters of the lists of points, jobs and policies: docs/adr/0046-lists.md. */
export async function up(sql: Knex): Promise<void> {
  for (const statements of [sizes, fillSizes, points, jobs, policies]) await sql.raw(statements);
}

// Sums over a point's links, kept by the database whichever release of the program writes. By how much a link changed, not
// by adding up anew: of two transactions that fold links of one point at once, each adds its own part to what the other left.
// What is deleted is in no list and is left alone, so that a transaction waits for one point at most.
const sizes = `
alter table emberkeep.points
  add column size_bytes bigint not null default 0,
  add column stored_bytes bigint not null default 0;

create function emberkeep.note_size() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    update emberkeep.points
      set size_bytes = size_bytes - old.size_bytes, stored_bytes = stored_bytes - old.stored_bytes
      where id = old.point_id and state <> 'deleted';
  end if;
  if tg_op <> 'DELETE' then
    update emberkeep.points
      set size_bytes = size_bytes + new.size_bytes, stored_bytes = stored_bytes + new.stored_bytes
      where id = new.point_id and state <> 'deleted';
  end if;
  return null;
end
$$;
create trigger links_note_size after insert or delete or update of point_id, size_bytes, stored_bytes
  on emberkeep.links for each row execute function emberkeep.note_size();
`;

const fillSizes = `
update emberkeep.points set size_bytes = sums.size_bytes, stored_bytes = sums.stored_bytes
from (
  select point_id, sum(size_bytes) as size_bytes, sum(stored_bytes) as stored_bytes
  from emberkeep.links group by point_id
) sums
where points.id = sums.point_id;
`;

// Each order for the whole cloud, for a project, and (but the name) for a source.
const points = `
create index points_by_size on emberkeep.points (size_bytes, taken_at, id) where state <> 'deleted';
create index points_of_project_by_size on emberkeep.points (project_id, size_bytes, taken_at, id)
  where state <> 'deleted';
create index points_of_source_by_size on emberkeep.points (source_id, size_bytes, taken_at, id)
  where state <> 'deleted';
create index points_by_stored on emberkeep.points (stored_bytes, taken_at, id) where state <> 'deleted';
create index points_of_project_by_stored on emberkeep.points (project_id, stored_bytes, taken_at, id)
  where state <> 'deleted';
create index points_of_source_by_stored on emberkeep.points (source_id, stored_bytes, taken_at, id)
  where state <> 'deleted';
create index points_by_folded_name on emberkeep.points ((lower(source_name) collate "C"), taken_at, id)
  where state <> 'deleted';
create index points_of_project_by_folded_name
  on emberkeep.points (project_id, (lower(source_name) collate "C"), taken_at, id) where state <> 'deleted';
-- They are few; with the id, which a list's pages go by too.
drop index emberkeep.points_damaged;
create index points_damaged on emberkeep.points (taken_at, id) where state = 'damaged';
`;

const took = `(coalesce(extract(epoch from (finished_at - started_at))::float8, 'infinity'))`;
const jobs = `
create index jobs_by_duration on emberkeep.jobs (${took}, created_at, id);
create index jobs_of_project_by_duration on emberkeep.jobs (project_id, ${took}, created_at, id);
create index jobs_of_project_by_end on emberkeep.jobs (project_id, (coalesce(finished_at, 'infinity')), created_at, id);
`;

const policies = `
create index policies_by_name on emberkeep.policies ((lower(name) collate "C"), created_at, id);
create index policies_by_change on emberkeep.policies (updated_at, created_at, id);
create index policies_by_state on emberkeep.policies (enabled, created_at, id);
create index policy_assignments_by_kind on emberkeep.policy_assignments (policy_id, kind, created_at, id);
`;
