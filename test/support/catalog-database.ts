import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCatalog, type Catalog } from '../../src/drivers/catalog/catalog.ts';
import { connectCatalog, type Sql } from '../../src/drivers/catalog/connect.ts';
import { migrateCatalog } from '../../src/drivers/catalog/migrate.ts';
import {
  startLocalPostgres,
  type LocalPostgres,
} from '../../src/drivers/catalog/server/start-local-postgres.ts';

/** A real PostgreSQL of a test's own, with the catalog's tables in it. */
export interface CatalogDatabase {
  url: string;
  sql: Sql;
  catalog: Catalog;
  /** Id of a store that the catalog knows. */
  storeId: string;
  /** Stops the server and starts it again at the same URL. */
  restart(): Promise<void>;
  /** Ends the server at once, as a crash of its host would; `start` brings it back at the same URL. */
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function openCatalogDatabase(): Promise<CatalogDatabase> {
  const stateDir = await makeStateDir();
  let server: LocalPostgres = await startLocalPostgres({ stateDir });
  const sql = connectCatalog({ url: server.url });
  await migrateCatalog(sql);
  const catalog = createCatalog(sql);
  const { id: storeId } = await catalog.stores.upsert({ id: 'main', url: 'file:///srv/emberkeep' });
  return {
    url: server.url,
    sql,
    catalog,
    storeId,
    async restart() {
      await server.stop();
      server = await startLocalPostgres({ stateDir });
    },
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
    },
    async start() {
      server = await startLocalPostgres({ stateDir });
    },
    async close() {
      await sql.destroy();
      await server.stop();
      await rm(stateDir, { recursive: true });
    },
  };
}

/** A folder that the server's user can pass through when the tests run as root. */
export async function makeStateDir(): Promise<string> {
  const stateDir = await mkdtemp(join(tmpdir(), 'ek-catalog-'));
  await chmod(stateDir, 0o711);
  return stateDir;
}
