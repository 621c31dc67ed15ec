import type { Knex } from 'knex';

/** The first tables. A merged migration never changes: what it forgot is the next one's work. */
export async function up(sql: Knex): Promise<void> {
  for (const statements of [stores, jobs, points, links, restores, audit]) await sql.raw(statements);
}

const stores = `
create table emberkeep.stores (
  id          text primary key,
  url         text not null,
  description text,
  created_at  timestamptz not null default now()
);
`;

// The triggers tell listeners that a job moved, whoever moved it: pg_notify is sent at commit, once per transaction.
const jobs = `
create table emberkeep.jobs (
  id               uuid primary key,
  kind             text not null check (kind in ('backup', 'restore')),
  state            text not null default 'queued'
                   check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  project_id       text,
  target           jsonb not null,
  plan             jsonb not null default '{}',
  step             text,
  progress         jsonb not null default '{"bytesDone": 0}',
  result           jsonb,
  error            jsonb,
  attempt          integer not null default 0,
  cancel_requested boolean not null default false,
  requested_by     jsonb not null,
  request_id       text,
  created_at       timestamptz not null default now(),
  started_at       timestamptz,
  finished_at      timestamptz,
  updated_at       timestamptz not null default now(),
  check ((finished_at is not null) = (state in ('succeeded', 'failed', 'cancelled')))
);
create index jobs_recent on emberkeep.jobs (created_at desc, id desc);
create index jobs_of_project on emberkeep.jobs (project_id, created_at desc, id desc);
create index jobs_unfinished on emberkeep.jobs (created_at) where state in ('queued', 'running');
-- Whether a snapshot on a source was planned by us is asked for every one that looks like ours.
create index jobs_planned_disks on emberkeep.jobs using gin ((plan -> 'disks') jsonb_path_ops) where kind = 'backup';

create table emberkeep.job_events (
  id     bigint generated always as identity primary key,
  job_id uuid not null references emberkeep.jobs (id) on delete cascade,
  at     timestamptz not null default clock_timestamp(),
  kind   text not null check (kind in ('step', 'progress', 'log', 'state')),
  data   jsonb not null
);
create index job_events_of_job on emberkeep.job_events (job_id, id);

create function emberkeep.notify_job() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'jobs' then
    perform pg_notify('emberkeep_job', new.id::text);
  else
    perform pg_notify('emberkeep_job', new.job_id::text);
  end if;
  return null;
end
$$;
create trigger jobs_notify after insert or update on emberkeep.jobs
  for each row execute function emberkeep.notify_job();
create trigger job_events_notify after insert on emberkeep.job_events
  for each row execute function emberkeep.notify_job();
`;

const points = `
create table emberkeep.points (
  id             uuid primary key,
  kind           text not null check (kind in ('instance', 'volume', 'image')),
  source_id      text not null,
  source_name    text not null,
  project_id     text,
  taken_at       timestamptz not null,
  spread_ms      integer not null,
  consistency    text not null,
  state          text not null check (state in ('complete', 'damaged', 'deleted')),
  damaged_reason text,
  store_id       text not null references emberkeep.stores (id),
  job_id         uuid references emberkeep.jobs (id) on delete set null,
  created_at     timestamptz not null default now(),
  deleted_at     timestamptz,
  manifest       jsonb not null,
  check (state <> 'damaged' or damaged_reason is not null),
  check ((deleted_at is not null) = (state = 'deleted'))
);
create index points_recent on emberkeep.points (taken_at desc, id desc);
create index points_of_source on emberkeep.points (source_id, taken_at desc, id desc);
create index points_of_project on emberkeep.points (project_id, taken_at desc, id desc);
create index points_of_job on emberkeep.points (job_id);
`;

// parent_link_id has no foreign key: a store can have lost a link, and a rebuilt catalog must still show what is there.
const links = `
create table emberkeep.links (
  id                   uuid primary key,
  point_id             uuid not null references emberkeep.points (id),
  disk_key             text not null,
  kind                 text not null check (kind in ('full', 'increment')),
  chain_id             uuid not null,
  parent_link_id       uuid,
  depth                integer not null check (depth >= 0),
  cluster              text not null,
  cluster_id           text not null,
  pool                 text not null,
  image                text not null,
  image_id             text not null,
  size_bytes           bigint not null,
  from_snapshot_name   text,
  from_snapshot_id     bigint,
  to_snapshot_name     text not null,
  to_snapshot_id       bigint not null,
  snapshot_released_at timestamptz,
  plain_bytes          bigint not null,
  stored_bytes         bigint not null,
  data_bytes           bigint not null,
  zero_bytes           bigint not null,
  store_id             text not null references emberkeep.stores (id),
  state                text not null check (state in ('complete', 'damaged')),
  damaged_reason       text,
  created_at           timestamptz not null,
  manifest             jsonb not null,
  check ((kind = 'full') = (parent_link_id is null)),
  check ((kind = 'full') = (depth = 0)),
  check ((kind = 'full') = (chain_id = id)),
  check ((kind = 'full') = (from_snapshot_name is null)),
  check (state <> 'damaged' or damaged_reason is not null),
  unique (point_id, disk_key)
);
create index links_of_disk on emberkeep.links (disk_key, created_at desc);
create index links_of_chain on emberkeep.links (chain_id);
create index links_of_parent on emberkeep.links (parent_link_id);
create index links_unreleased on emberkeep.links (disk_key) where snapshot_released_at is null;
`;

const restores = `
create table emberkeep.restores (
  id          uuid primary key,
  job_id      uuid not null unique references emberkeep.jobs (id),
  point_id    uuid not null references emberkeep.points (id),
  mode        text not null check (mode in ('image', 'volume', 'replace', 'in-place', 'instance')),
  project_id  text,
  state       text not null
              check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'undone')),
  options     jsonb not null default '{}',
  result      jsonb,
  created_at  timestamptz not null default now(),
  finished_at timestamptz
);
create index restores_recent on emberkeep.restores (created_at desc, id desc);
create index restores_of_project on emberkeep.restores (project_id, created_at desc, id desc);
create index restores_of_point on emberkeep.restores (point_id);
`;

const audit = `
create table emberkeep.audit (
  id         bigint generated always as identity primary key,
  at         timestamptz not null default now(),
  actor      jsonb not null,
  action     text not null,
  target     jsonb not null,
  result     text not null,
  request_id text
);
create index audit_at on emberkeep.audit (at);

create function emberkeep.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail is append-only' using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_append_only before update or delete or truncate on emberkeep.audit
  for each statement execute function emberkeep.refuse_change();
`;
