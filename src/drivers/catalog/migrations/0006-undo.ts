import type { Knex } from 'knex';

/** Restores that succeeded and can be undone: docs/adr/0020-in-place-by-swap.md. */
export async function up(sql: Knex): Promise<void> {
  await sql.raw(`
alter table emberkeep.jobs drop constraint if exists jobs_kind_check;
alter table emberkeep.jobs add constraint jobs_kind_check
  check (kind in ('backup', 'restore', 'undo', 'expire', 'verify', 'rebuild', 'reconcile'));

alter table emberkeep.restores
  -- Until when it can be undone; null for what cannot.
  add column undo_until timestamptz,
  -- The last job that was asked to undo it.
  add column undo_job_id uuid references emberkeep.jobs (id),
  add column undone_at timestamptz,
  -- When what was kept for the undo was given up.
  add column undo_released_at timestamptz,
  add check ((state = 'undone') = (undone_at is not null));
create index restores_with_undo on emberkeep.restores (undo_until)
  where undo_until is not null and undo_released_at is null;
`);
}
