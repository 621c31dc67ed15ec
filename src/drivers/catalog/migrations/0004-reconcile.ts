import type { Knex } from 'knex';

/** Reconciliations as jobs. */
export async function up(sql: Knex): Promise<void> {
  await sql.raw(`
alter table emberkeep.jobs drop constraint if exists jobs_kind_check;
alter table emberkeep.jobs add constraint jobs_kind_check
  check (kind in ('backup', 'restore', 'undo', 'expire', 'verify', 'rebuild', 'reconcile'));
`);
}
