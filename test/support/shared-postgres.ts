/**
 * Before all files of one run of the tests (`--test-global-setup`): one PostgreSQL with a database that has every table, of
 * which each test takes a copy (test-database.ts). A server and its migrations for each test would take a second of CPU.
 */
import { rm } from 'node:fs/promises';
import { connectCatalog } from '../../src/drivers/catalog/connect.ts';
import { migrateCatalog } from '../../src/drivers/catalog/migrate.ts';
import {
  startLocalPostgres,
  type LocalPostgres,
} from '../../src/drivers/catalog/server/start-local-postgres.ts';
import { migrateQueue } from '../../src/drivers/queue/orders.ts';
import { makeStateDir } from './state-dir.ts';
import { sharedServerVariable } from './test-database.ts';

/** Nothing in it outlives the run. */
const settings = { max_connections: '400', fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

let stateDir = '';
let server: LocalPostgres | undefined;

export async function globalSetup(): Promise<void> {
  stateDir = await makeStateDir();
  server = await startLocalPostgres({ stateDir, settings });
  const sql = connectCatalog({ url: server.url });
  await migrateCatalog(sql);
  await sql.destroy();
  await migrateQueue({ url: server.url });
  process.env[sharedServerVariable] = server.url;
}

export async function globalTeardown(): Promise<void> {
  await server?.stop();
  await rm(stateDir, { recursive: true, force: true });
}
