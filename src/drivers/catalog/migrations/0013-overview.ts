import type { Knex } from 'knex';

/** What administrators look at all the time, at a cost that follows what is shown: docs/adr/0034-overview.md. */
export async function up(sql: Knex): Promise<void> {
  for (const statements of [disks, usage, indexes]) await sql.raw(statements);
}

// Which disks ever had a link, by whose points: a list of them never reads the links of the others. A project of '' is none.
const disks = `
create table emberkeep.disks (
  disk_key   text not null,
  project_id text not null,
  kind       text not null,
  source_id  text not null,
  primary key (disk_key, project_id, kind, source_id)
);
create index disks_of_project on emberkeep.disks (project_id, disk_key);
create index disks_of_source on emberkeep.disks (source_id, disk_key);

create function emberkeep.note_disks() returns trigger language plpgsql as $$
begin
  insert into emberkeep.disks (disk_key, project_id, kind, source_id)
    select distinct changed.disk_key, coalesce(points.project_id, ''), points.kind, points.source_id
    from changed join emberkeep.points on points.id = changed.point_id
    order by 1, 2, 3, 4
  on conflict do nothing;
  return null;
end
$$;
create trigger links_note_disks after insert on emberkeep.links
  referencing new table as changed for each statement execute function emberkeep.note_disks();
insert into emberkeep.disks (disk_key, project_id, kind, source_id)
  select distinct links.disk_key, coalesce(points.project_id, ''), points.kind, points.source_id
  from emberkeep.links join emberkeep.points on points.id = links.point_id;
`;

// One row for each store and day (UTC), as it was when the day's first look was taken.
const usage = `
create table emberkeep.store_usage_days (
  store_id     text not null references emberkeep.stores (id),
  day          date not null,
  links        bigint not null,
  stored_bytes bigint not null,
  primary key (store_id, day)
);
`;

const indexes = `
-- Few jobs fail: counting those of a week reads those of a week.
create index jobs_failed on emberkeep.jobs (finished_at) where state = 'failed';
`;
