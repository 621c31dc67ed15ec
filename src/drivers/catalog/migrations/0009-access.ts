import type { Knex } from 'knex';

/** Restores that wait for an approval, what projects allow, and answers kept for repeated requests: docs/adr/0027-access.md. */
export async function up(sql: Knex): Promise<void> {
  for (const statements of [restores, projects, idempotency]) await sql.raw(statements);
}

// One that waits has no job yet, and one that was never approved never gets one.
const restores = `
alter table emberkeep.restores drop constraint restores_state_check;
alter table emberkeep.restores add constraint restores_state_check check (state in
  ('pending', 'rejected', 'expired', 'queued', 'running', 'succeeded', 'failed', 'cancelled', 'undone'));
alter table emberkeep.restores
  alter column job_id drop not null,
  add column requested_by jsonb,
  -- Until when it can be approved; null for what needed no approval.
  add column pending_until timestamptz,
  add column decided_by jsonb,
  add column decided_at timestamptz,
  add column decision_reason text,
  add constraint restores_job_check
    check (job_id is not null or state in ('pending', 'rejected', 'expired', 'cancelled')),
  add constraint restores_pending_check check (state <> 'pending' or pending_until is not null);
create index restores_pending on emberkeep.restores (pending_until) where state = 'pending';
`;

const projects = `
create table emberkeep.project_settings (
  project_id      text primary key,
  tenant_restores boolean not null,
  approval_modes  text[] not null,
  updated_by      jsonb not null,
  updated_at      timestamptz not null default now()
);
`;

// answer is null while the first request is being worked on, and for ever when it was cut off.
const idempotency = `
create table emberkeep.idempotency_keys (
  caller      text not null,
  key         text not null,
  fingerprint text not null,
  request_id  text not null,
  status      integer,
  answer      jsonb,
  created_at  timestamptz not null default now(),
  primary key (caller, key)
);
create index idempotency_keys_age on emberkeep.idempotency_keys (created_at);
`;
