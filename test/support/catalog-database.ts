import { createCatalog, type Catalog } from '../../src/drivers/catalog/catalog.ts';
import { connectCatalog, type Sql } from '../../src/drivers/catalog/connect.ts';
import { makeStateDir } from './state-dir.ts';
import { openOwnServer, openTestDatabase, type OwnServer, type TestDatabase } from './test-database.ts';

export { makeStateDir };

/** A test's own database with a catalog on it. */
export interface CatalogDatabase extends TestDatabase {
  sql: Sql;
  catalog: Catalog;
  /** Id of a store that the catalog knows. */
  storeId: string;
}

export type CatalogServer = CatalogDatabase & OwnServer;

export async function openCatalogDatabase(): Promise<CatalogDatabase> {
  return await openCatalog(await openTestDatabase());
}

/** For tests that stop the server, or look at all that it does. */
export async function openCatalogServer(): Promise<CatalogServer> {
  const server = await openOwnServer();
  const { restart, kill, start } = server;
  return { ...(await openCatalog(server)), restart, kill, start };
}

async function openCatalog(database: TestDatabase): Promise<CatalogDatabase> {
  const sql = connectCatalog({ url: database.url });
  const catalog = createCatalog(sql);
  const { id: storeId } = await catalog.stores.upsert({
    id: 'main',
    url: 'file:///srv/emberkeep',
    name: 'default',
    isDefault: true,
  });
  return {
    url: database.url,
    sql,
    catalog,
    storeId,
    async close() {
      await sql.destroy();
      await database.close();
    },
  };
}
