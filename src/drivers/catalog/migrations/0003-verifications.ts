import type { Knex } from 'knex';

/** What verifications found, and rebuilds of the catalog as jobs. */
export async function up(sql: Knex): Promise<void> {
  await sql.raw(`
alter table emberkeep.jobs drop constraint if exists jobs_kind_check;
alter table emberkeep.jobs add constraint jobs_kind_check
  check (kind in ('backup', 'restore', 'expire', 'verify', 'rebuild'));

alter table emberkeep.points
  add column verified_at timestamptz,
  add column verified_level text check (verified_level in ('quick', 'full', 'deep')),
  add column verified_outcome text check (verified_outcome in ('intact', 'damaged')),
  add column proven_at timestamptz,
  add column verified_job uuid,
  add column passed_job uuid,
  add check ((verified_at is null) = (verified_level is null)),
  add check ((verified_at is null) = (verified_outcome is null));
-- A job that is resumed goes on with the points that it has not passed yet, whether or not it could verify them.
create index points_verified_job on emberkeep.points (verified_job);

alter table emberkeep.links add column verified_job uuid;
`);
}
