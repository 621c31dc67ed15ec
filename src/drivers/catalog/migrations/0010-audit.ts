import type { Knex } from 'knex';

/** Whose the entries of the audit trail are. Older entries belong to nobody, so that only who sees everything sees them. */
export async function up(sql: Knex): Promise<void> {
  await sql.raw(`
alter table emberkeep.audit add column project_id text;
create index audit_of_project on emberkeep.audit (project_id, id desc);
create index audit_of_request on emberkeep.audit (request_id);
create index audit_of_action on emberkeep.audit (action, id desc);
create index audit_of_result on emberkeep.audit (result, id desc) where result <> 'allowed';
create index audit_of_user on emberkeep.audit ((actor ->> 'userId'), id desc);
`);
}
