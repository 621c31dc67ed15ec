import type { Knex } from 'knex';

/** Deletion of points and folding of links: docs/adr/0015-folding.md. */
export async function up(sql: Knex): Promise<void> {
  for (const statements of [jobs, links, formerLinks]) await sql.raw(statements);
}

const jobs = `
alter table emberkeep.jobs drop constraint jobs_kind_check;
alter table emberkeep.jobs add constraint jobs_kind_check
  check (kind in ('backup', 'restore', 'expire', 'verify'));
`;

// A folded full has an id of its own and keeps its chain's (links_check2 was: full = its id is the chain's).
const links = `
alter table emberkeep.links drop constraint links_check2;
alter table emberkeep.links add constraint links_chain_check check (kind = 'full' or chain_id <> id);
-- After a fold a snapshot's name holds the id of a link that is gone.
create index links_of_snapshot on emberkeep.links (to_snapshot_name);
`;

// What was folded or dropped. A snapshot on a source may still bear the id, a planned restore may still name the link.
const formerLinks = `
create table emberkeep.former_links (
  id           uuid primary key,
  disk_key     text not null,
  successor_id uuid,
  removed_at   timestamptz not null default now()
);
create index former_links_of_successor on emberkeep.former_links (successor_id) where successor_id is not null;
`;
