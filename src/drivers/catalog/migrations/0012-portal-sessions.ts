import type { Knex } from 'knex';

/** Who is signed in to the portal: docs/adr/0032-portal-sessions.md. */
export async function up(sql: Knex): Promise<void> {
  await sql.raw(`
create table emberkeep.portal_sessions (
  -- SHA-256 of the cookie.
  id           bytea primary key check (length(id) = 32),
  user_id      text not null,
  -- Tokens and scope, under a key that only the cookie gives (I10).
  sealed       bytea not null,
  created_at   timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  -- The tokens' end by Keystone.
  expires_at   timestamptz not null
);
create index portal_sessions_of_user on emberkeep.portal_sessions (user_id, last_used_at desc);
create index portal_sessions_age on emberkeep.portal_sessions (expires_at);
`);
}
