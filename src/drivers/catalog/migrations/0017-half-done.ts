import type { Knex } from 'knex';

/** Every backup asks whether a restore has left one of its disks half done. */
export async function up(sql: Knex): Promise<void> {
  await sql.raw(
    `create index restores_of_disks on emberkeep.restores using gin ((options -> 'disks'))
     where mode in ('replace', 'in-place')`,
  );
}
