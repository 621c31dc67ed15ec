import type { Knex } from 'knex';
import { AppError } from '../../base/errors.ts';
import type { Sql } from './connect.ts';
import { mapped } from './errors.ts';
import { up as tables } from './migrations/0001-tables.ts';
import { up as expiry } from './migrations/0002-expiry.ts';
import { up as verifications } from './migrations/0003-verifications.ts';
import { up as reconcile } from './migrations/0004-reconcile.ts';
import { up as policies } from './migrations/0005-policies.ts';
import { up as undo } from './migrations/0006-undo.ts';
import { up as access } from './migrations/0009-access.ts';
import { up as audit } from './migrations/0010-audit.ts';
import { up as watch } from './migrations/0011-watch.ts';
import { up as portalSessions } from './migrations/0012-portal-sessions.ts';
import { up as overview } from './migrations/0013-overview.ts';
import { up as stores } from './migrations/0014-stores.ts';
import { up as listFilters } from './migrations/0015-list-filters.ts';
import { up as portalLists } from './migrations/0016-portal-lists.ts';
import { up as halfDone } from './migrations/0017-half-done.ts';
import { up as history } from './migrations/0018-history.ts';
import { up as retries } from './migrations/0019-retries.ts';
import { up as policyReach } from './migrations/0020-policy-reach.ts';
import { up as listOrders } from './migrations/0021-list-orders.ts';

/** PostgreSQL schema that holds every table of the catalog. */
export const catalogSchema = 'emberkeep';

interface NamedMigration {
  name: string;
  up(sql: Knex): Promise<void>;
}

/** In order. Listed here, not read from a folder, so that the names are the same from sources and from the build. */
const migrations: NamedMigration[] = [
  { name: '0001-tables', up: tables },
  { name: '0002-expiry', up: expiry },
  { name: '0003-verifications', up: verifications },
  { name: '0004-reconcile', up: reconcile },
  { name: '0005-policies', up: policies },
  { name: '0006-undo', up: undo },
  { name: '0009-access', up: access },
  { name: '0010-audit', up: audit },
  { name: '0011-watch', up: watch },
  { name: '0012-portal-sessions', up: portalSessions },
  { name: '0013-overview', up: overview },
  { name: '0014-stores', up: stores },
  { name: '0015-list-filters', up: listFilters },
  { name: '0016-portal-lists', up: portalLists },
  { name: '0017-half-done', up: halfDone },
  { name: '0018-history', up: history },
  { name: '0019-retries', up: retries },
  { name: '0020-policy-reach', up: policyReach },
  { name: '0021-list-orders', up: listOrders },
];

const migrationTable = `${catalogSchema}.migrations`;

/** What a database lacks of this version; the names are those of migrations, of which each stands for a version. */
export interface CatalogState {
  /** Newest migration that has run; undefined for a database without any table of ours. */
  from: string | undefined;
  /** Newest migration of this program. */
  to: string;
  /** In order; empty when the database is up to date. */
  pending: string[];
}

/** Only looks. @throws CATALOG_SCHEMA_NEWER when a newer Emberkeep migrated this database, CATALOG_UNREACHABLE, ... */
export async function catalogState(sql: Sql): Promise<CatalogState> {
  return mapped(async () => {
    const { rows } = await sql.raw<{ rows: [{ there: boolean }] }>(
      'select to_regclass(?) is not null as there',
      [migrationTable],
    );
    const ran = rows[0].there ? await ranMigrations(sql) : [];
    return stateOf(ran, pendingMigrations(ran));
  });
}

/**
 * Brings the tables up to this version. Safe to call from any number of processes at once: one works, the others
 * wait for it and find nothing left to do.
 *
 * @returns what the database lacked before, all of which this call ran.
 * @throws CATALOG_SCHEMA_NEWER when a newer Emberkeep migrated this database.
 */
export async function migrateCatalog(sql: Sql): Promise<CatalogState> {
  return mapped(() =>
    // One transaction for everything: PostgreSQL's DDL rolls back, so a kill leaves the old schema, not half of one.
    sql.transaction(async (trx) => {
      await trx.raw('set local statement_timeout = 0');
      await trx.raw('set local idle_in_transaction_session_timeout = 0');
      await trx.raw(`select pg_advisory_xact_lock(hashtextextended('emberkeep:migrate', 0))`);
      await trx.raw(`create schema if not exists ${catalogSchema}`);
      await trx.raw(
        `create table if not exists ${migrationTable} (name text primary key, ran_at timestamptz not null default now())`,
      );
      const ran = await ranMigrations(trx);
      const pending = pendingMigrations(ran);
      for (const migration of pending) {
        await migration.up(trx);
        await trx(migrationTable).insert({ name: migration.name });
      }
      return stateOf(ran, pending);
    }),
  );
}

async function ranMigrations(sql: Sql): Promise<string[]> {
  const rows = (await sql(migrationTable).select('name').orderBy('name')) as { name: string }[];
  return rows.map(({ name }) => name);
}

function stateOf(ran: string[], pending: NamedMigration[]): CatalogState {
  const names = migrations.map(({ name }) => name);
  return {
    from: names.findLast((name) => ran.includes(name)),
    to: names.at(-1) ?? '',
    pending: pending.map(({ name }) => name),
  };
}

function pendingMigrations(ran: string[]): NamedMigration[] {
  const unknown = ran.filter((name) => !migrations.some((migration) => migration.name === name));
  if (unknown.length > 0) {
    throw new AppError(
      'CATALOG_SCHEMA_NEWER',
      `The database was migrated by a newer Emberkeep (${unknown.join(', ')}): upgrade this one.`,
      { details: { unknown } },
    );
  }
  return migrations.filter(({ name }) => !ran.includes(name));
}
