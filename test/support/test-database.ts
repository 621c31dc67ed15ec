import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { connectCatalog } from '../../src/drivers/catalog/connect.ts';
import { migrateCatalog } from '../../src/drivers/catalog/migrate.ts';
import {
  startLocalPostgres,
  type LocalPostgres,
} from '../../src/drivers/catalog/server/start-local-postgres.ts';
import { makeStateDir } from './state-dir.ts';

/** Set by shared-postgres.ts: URL of the database that has every table and that nobody is connected to. */
export const sharedServerVariable = 'EMBERKEEP_TEST_POSTGRES';

/** A database of a test's own with the catalog's tables, real PostgreSQL. */
export interface TestDatabase {
  url: string;
  close(): Promise<void>;
}

/** On a server of its own. */
export interface OwnServer extends TestDatabase {
  /** Stops the server and starts it again at the same URL. */
  restart: () => Promise<void>;
  /** Ends the server at once, as a crash of its host would; `start` brings it back at the same URL. */
  kill: () => Promise<void>;
  start: () => Promise<void>;
}

/** On the server that the run's tests share; for a file that runs alone, on one of its own. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const shared = process.env[sharedServerVariable];
  if (shared === undefined) return await openOwnServer();
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`;
  const template = new URL(shared).pathname.slice(1);
  await administer(shared, `create database ${name} template ${template}`);
  return {
    url: withDatabase(shared, name),
    close: () => administer(shared, `drop database ${name} with (force)`),
  };
}

/** For tests that stop the server, or look at all that it does. */
export async function openOwnServer(): Promise<OwnServer> {
  const stateDir = await makeStateDir();
  let server: LocalPostgres = await startLocalPostgres({ stateDir });
  const sql = connectCatalog({ url: server.url });
  await migrateCatalog(sql);
  await sql.destroy();
  return {
    url: server.url,
    restart: async () => {
      await server.stop();
      server = await startLocalPostgres({ stateDir });
    },
    kill: async () => {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
    },
    start: async () => {
      server = await startLocalPostgres({ stateDir });
    },
    async close() {
      await server.stop();
      await rm(stateDir, { recursive: true });
    },
  };
}

async function administer(shared: string, statement: string): Promise<void> {
  const sql = connectCatalog({ url: withDatabase(shared, 'postgres'), poolSize: 1 });
  try {
    await sql.raw(statement);
  } finally {
    await sql.destroy();
  }
}

function withDatabase(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}
