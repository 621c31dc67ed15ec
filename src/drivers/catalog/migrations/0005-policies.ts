import type { Knex } from 'knex';

/** Policies, what they are assigned to, and what the scheduler knows of each source: docs/adr/0023-policies.md. */
export async function up(sql: Knex): Promise<void> {
  for (const statements of [policies, assignments, sources, scheduler]) await sql.raw(statements);
}

const policies = `
create table emberkeep.policies (
  id          uuid primary key,
  name        text not null unique,
  description text not null default '',
  published   boolean not null,
  enabled     boolean not null,
  revision    integer not null default 1,
  spec        jsonb not null,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now()
);
create index policies_recent on emberkeep.policies (created_at desc, id desc);
`;

// A selector with a project reaches only what is in that project. What is assigned twice would be anybody's guess.
const assignments = `
create table emberkeep.policy_assignments (
  id         uuid primary key,
  policy_id  uuid not null references emberkeep.policies (id) on delete cascade,
  kind       text not null check (kind in ('instance', 'project', 'metadata', 'tag', 'pool')),
  selector   jsonb not null,
  project_id text,
  by_admin   boolean not null,
  created_at timestamptz not null default now()
);
create unique index policy_assignments_once
  on emberkeep.policy_assignments (selector, coalesce(project_id, ''));
create index policy_assignments_recent on emberkeep.policy_assignments (policy_id, created_at desc, id desc);
create index policy_assignments_of_project on emberkeep.policy_assignments (project_id, policy_id);
`;

// One policy a source. Indexes are over what is due or under way, so that a tick costs nothing else.
const sources = `
create table emberkeep.policy_sources (
  id          uuid primary key,
  policy_id   uuid not null references emberkeep.policies (id) on delete cascade,
  revision    integer not null,
  kind        text not null check (kind in ('instance', 'volume', 'image')),
  source_id   text not null,
  source_name text not null,
  project_id  text,
  target      jsonb not null,
  gone        boolean not null default false,
  next_run_at timestamptz,
  last_run_at timestamptz,
  last_state  text check (last_state in ('running', 'succeeded', 'failed', 'cancelled')),
  last_error  text,
  job_id      uuid,
  created_at  timestamptz not null default now(),
  unique (kind, source_id)
);
create index policy_sources_due on emberkeep.policy_sources (next_run_at) where next_run_at is not null;
create index policy_sources_under_way on emberkeep.policy_sources (job_id) where job_id is not null;
create index policy_sources_recent on emberkeep.policy_sources (policy_id, created_at desc, id desc);
`;

// One row: when the assignments are next resolved to sources.
const scheduler = `
create table emberkeep.policy_scheduler (
  singleton  boolean primary key default true check (singleton),
  resolve_at timestamptz not null
);
insert into emberkeep.policy_scheduler (resolve_at) values ('-infinity');
`;
