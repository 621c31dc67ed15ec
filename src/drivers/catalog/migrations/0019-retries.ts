import type { Knex } from 'knex';

/** A backup of a policy that failed is tried again: which run that is of, and when. docs/use/policies.md. */
export async function up(sql: Knex): Promise<void> {
  await sql.raw('alter table emberkeep.policy_sources add column retry jsonb');
}
