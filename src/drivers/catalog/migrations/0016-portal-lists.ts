import type { Knex } from 'knex';

/** Orders of the lists of jobs and points, and attempts to sign in that all replicas count together. */
export async function up(sql: Knex): Promise<void> {
  await sql.raw(`
-- For lists in the order of these too, not only of one state or kind.
create index jobs_by_state on emberkeep.jobs (state, created_at, id);
create index jobs_by_kind on emberkeep.jobs (kind, created_at, id);
drop index emberkeep.jobs_of_state, emberkeep.jobs_of_kind;
create index jobs_by_end on emberkeep.jobs (coalesce(finished_at, 'infinity'), created_at, id);
create index points_by_name on emberkeep.points (source_name, taken_at, id) where state <> 'deleted';

create table emberkeep.sign_in_attempts (
  -- SHA-256 of the address or the user that it is about: what was typed as a user's name may be a password (I10).
  id    bytea primary key check (length(id) = 32),
  -- Attempts that count against it, at the instant below; they drain away at a steady rate.
  level double precision not null,
  at    timestamptz not null default clock_timestamp()
);
create index sign_in_attempts_age on emberkeep.sign_in_attempts (at);
`);
}
