import type { AppConfig } from '../config.ts';
import { checkConnection, connectCatalog } from '../drivers/catalog/connect.ts';
import { catalogState, migrateCatalog } from '../drivers/catalog/migrate.ts';
import { migrateQueue, queueState } from '../drivers/queue/orders.ts';
import type { DatabaseVersions } from '../entry/cli/deps.ts';
import { databaseUrl } from './open-drivers.ts';
import { Started } from './started.ts';

/** The tables as `serve` makes them before it answers, and nothing else; with `check` it only looks. */
export async function migrateDatabase(
  config: AppConfig,
  { check }: { check: boolean },
): Promise<DatabaseVersions> {
  const started = new Started();
  try {
    const url = await databaseUrl(config, started);
    const sql = connectCatalog({ url });
    started.add(() => sql.destroy());
    await checkConnection(sql);
    const catalog = await (check ? catalogState(sql) : migrateCatalog(sql));
    const queue = await (check ? queueState(url) : migrateQueue({ url }));
    return { ...catalog, queueFrom: queue.from, queueTo: queue.to };
  } finally {
    await started.stop();
  }
}
