import type { Knex } from 'knex';

/** What lists are filtered by, kept so that a page costs what is shown: docs/reference/bench.md. */
export async function up(sql: Knex): Promise<void> {
  for (const statements of [jobs, points, audit, policySources]) await sql.raw(statements);
}

// What a job works on is deep in its target, or that of a point which the target names. A trigger notes it, whichever
// release of the program writes.
const jobs = `
alter table emberkeep.jobs add column source_id text;

create function emberkeep.source_of_job(target jsonb) returns text language sql stable as $$
  select coalesce(
    -- A backup: of an instance or a volume, or of an image.
    target #>> '{target,id}',
    target #>> '{target,location,cluster}' || '/' || (target #>> '{target,location,pool}') || '/'
      || (target #>> '{target,location,image}'),
    -- An expiry; a verification of all points of a source.
    target ->> 'id',
    target ->> 'sourceId',
    -- A restore, its undo; a verification of one point.
    (select source_id from emberkeep.points where id = case
       when target ->> 'pointId' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then (target ->> 'pointId')::uuid end)
  )
$$;
create function emberkeep.note_source_of_job() returns trigger language plpgsql as $$
begin
  new.source_id := emberkeep.source_of_job(new.target);
  return new;
end
$$;
create trigger jobs_note_source before insert on emberkeep.jobs
  for each row execute function emberkeep.note_source_of_job();

-- Nobody need be told of jobs that did not move.
alter table emberkeep.jobs disable trigger jobs_notify;
update emberkeep.jobs set source_id = emberkeep.source_of_job(target);
alter table emberkeep.jobs enable trigger jobs_notify;

create index jobs_of_source on emberkeep.jobs (source_id, created_at desc, id desc) where source_id is not null;
-- A backup of a whole pool is one request with a job for each image.
create index jobs_of_request on emberkeep.jobs (request_id, created_at desc, id desc) where request_id is not null;
-- A project's failed jobs, or its restores, are few among its backups.
create index jobs_of_project_and_state on emberkeep.jobs (project_id, state, created_at desc, id desc);
create index jobs_of_project_and_kind on emberkeep.jobs (project_id, kind, created_at desc, id desc);
`;

// Points that retention deleted stay as rows, and are soon most of them: no list reads past them. Few points are of images
// where instances are backed up, and the other way round; a store can be one that is no more written to.
const points = `
create index points_kept_recent on emberkeep.points (taken_at desc, id desc) where state <> 'deleted';
create index points_kept_of_source on emberkeep.points (source_id, taken_at desc, id desc) where state <> 'deleted';
create index points_kept_of_project on emberkeep.points (project_id, taken_at desc, id desc) where state <> 'deleted';
create index points_kept_of_kind on emberkeep.points (kind, taken_at desc, id desc) where state <> 'deleted';
create index points_kept_of_project_and_kind on emberkeep.points (project_id, kind, taken_at desc, id desc)
  where state <> 'deleted';
create index points_kept_of_store on emberkeep.points (store_id, taken_at desc, id desc) where state <> 'deleted';
drop index emberkeep.points_recent, emberkeep.points_of_name, emberkeep.points_of_project;
`;

// In the order of time, so that a page of an earlier day begins at that day, whatever came since.
const audit = `
create index audit_recent on emberkeep.audit (at desc, id desc);
create index audit_recent_of_project on emberkeep.audit (project_id, at desc, id desc);
create index audit_recent_of_action on emberkeep.audit (action, at desc, id desc);
create index audit_recent_of_result on emberkeep.audit (result, at desc, id desc) where result <> 'allowed';
create index audit_recent_of_user on emberkeep.audit ((actor ->> 'userId'), at desc, id desc);
drop index emberkeep.audit_at, emberkeep.audit_of_project, emberkeep.audit_of_action, emberkeep.audit_of_result,
  emberkeep.audit_of_user;
`;

const policySources = `
create index policy_sources_of_project on emberkeep.policy_sources (policy_id, project_id, created_at desc, id desc);
`;
