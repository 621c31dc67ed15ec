import type { Knex } from 'knex';

/** Several stores in one service, and several policies on one source: docs/adr/0036-several-stores.md. */
export async function up(sql: Knex): Promise<void> {
  for (const statements of [stores, links, policies, dropSources, sources, fillSources])
    await sql.raw(statements);
}

// There was one store, which is the default one from now on. Where a service had another one before, what was written
// to last is it; the next start says so in any case.
const stores = `
alter table emberkeep.stores
  -- As the configuration calls it; null for one that no configuration names any more.
  add column name text unique,
  -- Where goes what names no store.
  add column is_default boolean not null default false;
create unique index stores_default on emberkeep.stores (is_default) where is_default;

update emberkeep.stores set name = 'default', is_default = true
where id = (
  select known.id
  from emberkeep.stores known left join lateral (
    select max(created_at) as at from emberkeep.points where store_id = known.id
  ) as newest on true
  order by newest.at desc nulls last, known.created_at desc limit 1
);

-- Id of the store that a policy writes to; null when it names one that was never opened.
create function emberkeep.store_of_policy(spec jsonb) returns text language sql stable as $$
  select id from emberkeep.stores
  where case when spec ->> 'store' is null then is_default else name = spec ->> 'store' end
$$;
`;

const links = `
create index links_of_disk_in_store on emberkeep.links (disk_key, store_id, created_at desc);
`;

// A source follows one policy for each store, and the same thing can be assigned to policies of different stores.
const policies = `
alter table emberkeep.policy_sources drop constraint policy_sources_kind_source_id_key;
alter table emberkeep.policy_sources add constraint policy_sources_once unique (policy_id, kind, source_id);
create index policy_sources_of_source on emberkeep.policy_sources (kind, source_id);

drop index emberkeep.policy_assignments_once;
create unique index policy_assignments_once
  on emberkeep.policy_assignments (selector, coalesce(project_id, ''), policy_id);
`;

const dropSources = `
drop trigger points_note_source on emberkeep.points;
drop trigger points_note_state on emberkeep.points;
drop function emberkeep.note_source();
drop function emberkeep.note_state();
drop table emberkeep.point_sources;
`;

// One row for each source, project and store that it ever had points in. A project of '' is none.
const sources = `
create table emberkeep.point_sources (
  kind            text not null,
  source_id       text not null,
  project_id      text not null,
  store_id        text not null references emberkeep.stores (id),
  -- As at its newest point in whichever store, whatever became of that.
  source_name     text not null,
  seen_at         timestamptz not null,
  -- The newest complete one, if there is any.
  newest_point_id uuid,
  newest_taken_at timestamptz,
  primary key (kind, source_id, project_id, store_id)
);
create index point_sources_of_project on emberkeep.point_sources (project_id);
create index point_sources_of_name on emberkeep.point_sources (source_name);

create function emberkeep.note_source() returns trigger language plpgsql as $$
begin
  insert into emberkeep.point_sources as known
    (kind, source_id, project_id, store_id, source_name, seen_at, newest_point_id, newest_taken_at)
  values (
    new.kind, new.source_id, coalesce(new.project_id, ''), new.store_id, new.source_name, new.taken_at,
    case when new.state = 'complete' then new.id end,
    case when new.state = 'complete' then new.taken_at end
  )
  on conflict (kind, source_id, project_id, store_id) do update set
    source_name = case when excluded.seen_at >= known.seen_at then excluded.source_name else known.source_name end,
    seen_at = greatest(known.seen_at, excluded.seen_at),
    newest_point_id = case
      when excluded.newest_taken_at >= coalesce(known.newest_taken_at, '-infinity') then excluded.newest_point_id
      else known.newest_point_id end,
    newest_taken_at = greatest(known.newest_taken_at, excluded.newest_taken_at);
  update emberkeep.point_sources set source_name = new.source_name
  where kind = new.kind and source_id = new.source_id and project_id = coalesce(new.project_id, '')
    and store_id <> new.store_id and seen_at <= new.taken_at and source_name <> new.source_name;
  return null;
end
$$;
create trigger points_note_source after insert on emberkeep.points
  for each row execute function emberkeep.note_source();

create function emberkeep.note_state() returns trigger language plpgsql as $$
begin
  -- Locked in a statement of its own: the next one then sees what others committed while this one waited.
  perform from emberkeep.point_sources
    where kind = new.kind and source_id = new.source_id and project_id = coalesce(new.project_id, '')
      and store_id = new.store_id for update;
  update emberkeep.point_sources set (newest_point_id, newest_taken_at) = (
    select id, taken_at from emberkeep.points
    where source_id = new.source_id and kind = new.kind and coalesce(project_id, '') = coalesce(new.project_id, '')
      and store_id = new.store_id and state = 'complete'
    order by taken_at desc, id desc limit 1
  )
  where kind = new.kind and source_id = new.source_id and project_id = coalesce(new.project_id, '')
    and store_id = new.store_id and (newest_point_id = new.id or new.state = 'complete');
  return null;
end
$$;
create trigger points_note_state after update of state on emberkeep.points
  for each row when (old.state is distinct from new.state) execute function emberkeep.note_state();
`;

const fillSources = `
insert into emberkeep.point_sources
  (kind, source_id, project_id, store_id, source_name, seen_at, newest_point_id, newest_taken_at)
select distinct on (kind, source_id, coalesce(project_id, ''), store_id)
  kind, source_id, coalesce(project_id, ''), store_id,
  first_value(source_name) over (partition by kind, source_id, coalesce(project_id, '') order by taken_at desc, id desc),
  taken_at, null::uuid, null::timestamptz
from emberkeep.points
order by kind, source_id, coalesce(project_id, ''), store_id, taken_at desc, id desc;
update emberkeep.point_sources set newest_point_id = newest.id, newest_taken_at = newest.taken_at
from (
  select distinct on (kind, source_id, coalesce(project_id, ''), store_id)
    kind, source_id, coalesce(project_id, '') as project_id, store_id, id, taken_at
  from emberkeep.points where state = 'complete'
  order by kind, source_id, coalesce(project_id, ''), store_id, taken_at desc, id desc
) newest
where (point_sources.kind, point_sources.source_id, point_sources.project_id, point_sources.store_id)
    = (newest.kind, newest.source_id, newest.project_id, newest.store_id);
`;
