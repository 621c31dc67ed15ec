/** Every driver of a service, opened once. */
import type { Logger } from 'pino';
import { sleep, type Backoff } from '../base/retry.ts';
import type { AppConfig } from '../config.ts';
import { databaseUrlOf } from '../config/operation-settings.ts';
import { createCatalog, type Catalog } from '../drivers/catalog/catalog.ts';
import { checkConnection, connectCatalog } from '../drivers/catalog/connect.ts';
import { createLocks, type Locks } from '../drivers/catalog/locks.ts';
import { migrateCatalog } from '../drivers/catalog/migrate.ts';
import { startLocalPostgres } from '../drivers/catalog/server/start-local-postgres.ts';
import { createRbd, type Rbd } from '../drivers/ceph/rbd.ts';
import type { CloudCredentials } from '../drivers/openstack/credentials.ts';
import { createOpenStack, type OpenStack } from '../drivers/openstack/openstack.ts';
import { migrateQueue } from '../drivers/queue/orders.ts';
import { createQueue, type Queue } from '../drivers/queue/queue.ts';
import { pacedRbd } from './paced-rbd.ts';
import type { Started } from './started.ts';
import { openStores, type Stores } from './stores.ts';

export interface Drivers {
  rbd: Rbd;
  stores: Stores;
  catalog: Catalog;
  locks: Locks;
  queue: Queue;
  openstack: OpenStack;
}

export interface DriverOptions {
  credentials: CloudCredentials;
  logger: Logger;
  /** Makes stores where there are none; else that is STORE_NOT_FOUND. As if true when left out. */
  createStore?: boolean;
}

/** Connects to the database, brings it up to date and opens the stores; what was started is told to `started`. */
export async function openDrivers(
  config: AppConfig,
  { credentials, logger, createStore = true }: DriverOptions,
  started: Started,
): Promise<Drivers> {
  const { limits } = config;
  const clusters = Object.entries(config.clusters).map(([name, cluster]) => ({
    name,
    confPath: cluster.conf,
    user: cluster.user,
    keyringPath: cluster.keyring,
    concurrentOps: limits.rbd_concurrent_management_ops,
  }));
  const rbd = pacedRbd(createRbd(clusters), limits.bandwidth_mib);
  // Who waits for an answer of the API is told soon; see `patientOpenStack` for jobs.
  const openstack = createOpenStack({ credentials });
  started.add(() => openstack.close());
  const url = await databaseUrl(config, started);
  const sql = connectCatalog({ url });
  started.add(() => sql.destroy());
  await checkConnection(sql);
  await migrateCatalog(sql);
  const queueSettings = { url, heartbeatSeconds: 20, onError: (err: Error) => logger.warn({ err }, 'queue') };
  await migrateQueue(queueSettings);
  const catalog = createCatalog(sql, { keepOpenDays: config.cycle.days });
  const locks = createLocks({ url });
  started.add(() => locks.close());
  const opening = {
    stores: config.storeList,
    segmentBytes: config.segment_mib * 1024 * 1024,
    catalog,
    create: createStore,
    patience: jobPatience,
    onAway: (store: string, err: unknown) =>
      logger.error({ err, store }, 'a store is away; what needs it fails meanwhile'),
  };
  const stores = await oneAtATime(locks, () => openStores(opening, started));
  const queue = createQueue(queueSettings);
  started.add(() => queue.stop({ graceful: false, timeoutMs: 0 }));
  await queue.start();
  return { rbd, stores, catalog, locks, queue, openstack };
}

/** What is configured, else that of a PostgreSQL which is started for it. */
export async function databaseUrl(config: AppConfig, started: Started): Promise<string> {
  const configured = databaseUrlOf(config.database);
  if (configured !== undefined) return configured;
  const postgres = await startLocalPostgres({ stateDir: config.stateDir });
  started.add(() => postgres.stop());
  return postgres.url;
}

/** Of several first starts on one database one makes the store; else each could make one, and believe in its own. */
async function oneAtATime<T>(locks: Locks, open: () => Promise<T>): Promise<T> {
  for (;;) {
    const lock = await locks.acquire('store');
    if (lock === undefined) {
      await sleep(100);
      continue;
    }
    try {
      return await open();
    } finally {
      await lock.release();
    }
  }
}

/** From half a second to ten: at least 78 s in all, so that a service that is away for a minute costs no job. */
export const jobPatience: Backoff = { attempts: 20, firstDelayMs: 500, maxDelayMs: 10_000 };

/** The cloud as jobs see it: nobody waits for their single calls, and what they began must not fail for a restart of Nova. */
export function patientOpenStack(credentials: CloudCredentials, started: Started): OpenStack {
  const openstack = createOpenStack({ credentials, http: { backoff: jobPatience } });
  started.add(() => openstack.close());
  return openstack;
}
