import type { Knex } from 'knex';

/**
 * What is asked for again and again, kept ready, so that its cost does not grow with the number of points:
 * docs/adr/0029-what-is-watched.md. Triggers keep it, whichever release of the program writes.
 */
export async function up(sql: Knex): Promise<void> {
  for (const statements of [sources, usage, indexes]) await sql.raw(statements);
}

// One row for each source and project that it ever had points in. A project of '' is none.
const sources = `
create table emberkeep.point_sources (
  kind            text not null,
  source_id       text not null,
  project_id      text not null,
  -- As at its newest point, whatever became of that.
  source_name     text not null,
  seen_at         timestamptz not null,
  -- The newest complete one, if there is any.
  newest_point_id uuid,
  newest_taken_at timestamptz,
  primary key (kind, source_id, project_id)
);
create index point_sources_of_project on emberkeep.point_sources (project_id);
create index point_sources_of_name on emberkeep.point_sources (source_name);

create function emberkeep.note_source() returns trigger language plpgsql as $$
begin
  insert into emberkeep.point_sources as known
    (kind, source_id, project_id, source_name, seen_at, newest_point_id, newest_taken_at)
  values (
    new.kind, new.source_id, coalesce(new.project_id, ''), new.source_name, new.taken_at,
    case when new.state = 'complete' then new.id end,
    case when new.state = 'complete' then new.taken_at end
  )
  on conflict (kind, source_id, project_id) do update set
    source_name = case when excluded.seen_at >= known.seen_at then excluded.source_name else known.source_name end,
    seen_at = greatest(known.seen_at, excluded.seen_at),
    newest_point_id = case
      when excluded.newest_taken_at >= coalesce(known.newest_taken_at, '-infinity') then excluded.newest_point_id
      else known.newest_point_id end,
    newest_taken_at = greatest(known.newest_taken_at, excluded.newest_taken_at);
  return null;
end
$$;
create trigger points_note_source after insert on emberkeep.points
  for each row execute function emberkeep.note_source();

create function emberkeep.note_state() returns trigger language plpgsql as $$
begin
  -- Locked in a statement of its own: the next one then sees what others committed while this one waited.
  perform from emberkeep.point_sources
    where kind = new.kind and source_id = new.source_id and project_id = coalesce(new.project_id, '') for update;
  update emberkeep.point_sources set (newest_point_id, newest_taken_at) = (
    select id, taken_at from emberkeep.points
    where source_id = new.source_id and kind = new.kind and coalesce(project_id, '') = coalesce(new.project_id, '')
      and state = 'complete'
    order by taken_at desc, id desc limit 1
  )
  where kind = new.kind and source_id = new.source_id and project_id = coalesce(new.project_id, '')
    and (newest_point_id = new.id or new.state = 'complete');
  return null;
end
$$;
create trigger points_note_state after update of state on emberkeep.points
  for each row when (old.state is distinct from new.state) execute function emberkeep.note_state();

insert into emberkeep.point_sources (kind, source_id, project_id, source_name, seen_at, newest_point_id, newest_taken_at)
select distinct on (kind, source_id, coalesce(project_id, ''))
  kind, source_id, coalesce(project_id, ''), source_name, taken_at, null::uuid, null::timestamptz
from emberkeep.points
order by kind, source_id, coalesce(project_id, ''), taken_at desc, id desc;
update emberkeep.point_sources set newest_point_id = newest.id, newest_taken_at = newest.taken_at
from (
  select distinct on (kind, source_id, coalesce(project_id, ''))
    kind, source_id, coalesce(project_id, '') as project_id, id, taken_at
  from emberkeep.points where state = 'complete'
  order by kind, source_id, coalesce(project_id, ''), taken_at desc, id desc
) newest
where (point_sources.kind, point_sources.source_id, point_sources.project_id)
    = (newest.kind, newest.source_id, newest.project_id);
`;

// Sums by store. Changes are rows of their own, so that two commits never wait for each other; they are folded now and then.
const usage = `
create table emberkeep.store_usage (
  store_id     text primary key references emberkeep.stores (id),
  links        bigint not null,
  stored_bytes bigint not null
);
create table emberkeep.store_usage_changes (
  id           bigint generated always as identity primary key,
  store_id     text not null,
  links        bigint not null,
  stored_bytes bigint not null
);
insert into emberkeep.store_usage
  select store_id, count(*), sum(stored_bytes) from emberkeep.links group by store_id;

create function emberkeep.note_links() returns trigger language plpgsql as $$
begin
  insert into emberkeep.store_usage_changes (store_id, links, stored_bytes)
    select store_id, tg_argv[0]::int * count(*), tg_argv[0]::int * sum(stored_bytes) from changed group by store_id;
  return null;
end
$$;
create trigger links_note_insert after insert on emberkeep.links
  referencing new table as changed for each statement execute function emberkeep.note_links('1');
create trigger links_note_delete after delete on emberkeep.links
  referencing old table as changed for each statement execute function emberkeep.note_links('-1');
`;

const indexes = `
create index points_verified on emberkeep.points (verified_level, verified_at desc) where verified_at is not null;
create index points_damaged on emberkeep.points (taken_at) where state = 'damaged';
-- Few jobs fail: without it a list of those reads through all others.
create index jobs_of_state on emberkeep.jobs (state, created_at desc, id desc);
create index jobs_of_kind on emberkeep.jobs (kind, created_at desc, id desc);
-- By name, as lists are asked for; newest first.
create index points_of_name on emberkeep.points (source_name, taken_at desc, id desc);
-- Each pool is looked up once, however many links it has.
create index links_of_pool on emberkeep.links (cluster, pool);
-- Whether a source still has anything.
create index points_left on emberkeep.points (kind, source_id) where state <> 'deleted';
`;
