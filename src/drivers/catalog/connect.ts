import knex, { type Knex } from 'knex';
import pg from 'pg';
import { AppError } from '../../base/errors.ts';
import { mapped } from './errors.ts';

export interface DatabaseSettings {
  /** `postgresql://user:password@host:5432/name?sslmode=...`; `?host=/directory` for a Unix socket. Secret. */
  url: string;
  /** Connections of the pool; 10 when undefined. Locks, the queue and listeners hold a few of their own. */
  poolSize?: number;
  /** Longest time one statement may take; 60 s when undefined. Migrations are exempt. */
  statementTimeoutMs?: number;
  /** Name shown in pg_stat_activity; `emberkeep` when undefined. */
  applicationName?: string;
}

/** A connection or a transaction: every statement function takes either. */
export type Sql = Knex;
export type SqlTransaction = Knex.Transaction;

/**
 * Opens the pool; the first statement connects. A lost connection is replaced at the next statement, so the pool
 * outlives a restart of PostgreSQL.
 *
 * @throws INPUT_DATABASE_URL when the URL cannot be read (its text is not repeated: it may hold a password, I10).
 */
export function connectCatalog(settings: DatabaseSettings): Sql {
  return knex({
    client: 'pg',
    connection: clientConfig(settings) as Knex.StaticConnectionConfig,
    pool: { min: 0, max: settings.poolSize ?? 10 },
    acquireConnectionTimeout: 15_000,
    // knex would print lost connections; whoever runs a statement learns of them by its error.
    log: { warn: ignore, error: ignore, deprecate: ignore, debug: ignore },
  });
}

/** Settings of one connection, for the pool and for the connections that stand beside it (locks, listening). */
export function clientConfig(settings: DatabaseSettings): pg.ClientConfig {
  assertDatabaseUrl(settings.url);
  return {
    connectionString: settings.url,
    application_name: settings.applicationName ?? 'emberkeep',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    statement_timeout: settings.statementTimeoutMs ?? 60_000,
    // A worker that hangs in the middle of a transaction must not block the others for ever.
    idle_in_transaction_session_timeout: 60_000,
    // Given per connection: the parsers of `pg.types` are global, and the queue shares that module.
    types: withInt8AsNumber(),
  };
}

/** Resolves when the database answers. @throws CATALOG_UNREACHABLE, CATALOG_LOGIN_REFUSED, CATALOG_NO_DATABASE. */
export async function checkConnection(sql: Sql): Promise<void> {
  await mapped<unknown>(async () => sql.raw('select 1'));
}

function withInt8AsNumber(): pg.TypeOverrides {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, parseInt8);
  return types;
}

function ignore(): void {
  // nothing to do
}

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new AppError('CATALOG_NUMBER_TOO_LARGE', `The database holds ${text}, which is beyond 2^53.`);
  }
  return value;
}

function assertDatabaseUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'postgresql:' || parsed?.protocol === 'postgres:') return;
  throw new AppError(
    'INPUT_DATABASE_URL',
    'The database URL must look like postgresql://USER:PASSWORD@HOST:5432/NAME (special characters percent-encoded).',
  );
}
