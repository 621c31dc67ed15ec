import type { Knex } from 'knex';

/**
 * What brings a policy to a source gets a column of its own out of the document of the target, and the list of a policy's
 * sources its orders: docs/adr/0046-lists.md.
 */
export async function up(sql: Knex): Promise<void> {
  await sql.raw(`
alter table emberkeep.policy_sources add column reach text
  check (reach in ('instance', 'choice', 'metadata', 'tag', 'project', 'pool'));
update emberkeep.policy_sources set reach = target ->> 'reach', target = target - 'reach'
  where target -> 'reach' is not null;
`);
  // For who sees every project, and for those who see one.
  for (const [name, key] of orders) {
    await sql.raw(`
create index policy_sources_by_${name} on emberkeep.policy_sources (policy_id, ${key}, created_at, id);
create index policy_sources_of_project_by_${name}
  on emberkeep.policy_sources (policy_id, project_id, ${key}, created_at, id);
`);
  }
}

const orders = [
  ['name', '(lower(source_name) collate "C")'],
  ['reach', `(coalesce(reach, '~') collate "C")`],
  ['state', `(coalesce(last_state, '~') collate "C")`],
  ['last_run', "coalesce(last_run_at, 'infinity')"],
  ['next_run', "coalesce(next_run_at, 'infinity')"],
].map(([name, key]) => [name, `(${key})`] as const);
