import type { Knex } from 'knex';

/** Removal of what is over: docs/adr/0042-history.md. */
export async function up(sql: Knex): Promise<void> {
  for (const statements of [indexes, passes, sources]) await sql.raw(statements);
}

const indexes = `
create index points_deleted on emberkeep.points (deleted_at, id) where state = 'deleted';
create index former_links_age on emberkeep.former_links (removed_at, id);
-- For the foreign key: each job that goes asks whether it undid a restore.
create index restores_of_undo_job on emberkeep.restores (undo_job_id) where undo_job_id is not null;
`;

// How far the rows of each kind were looked through. What had to stay is looked at again in the next pass.
const passes = `
create table emberkeep.history_passes (
  kind     text primary key,
  -- Place in the kind's order of the last row that was looked at; null: a pass begins.
  after    text[],
  begun_at timestamptz not null default now()
);
insert into emberkeep.history_passes (kind) values ('restores'), ('jobs'), ('points'), ('formerLinks');
`;

// As in 0014-stores, with a lock: who removes a source that has no points left waits for points that are on their way.
const sources = `
create or replace function emberkeep.note_source() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('emberkeep:source:' || new.kind || ':' || new.source_id, 0));
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
`;
