/** The only place where drivers are constructed and handed to workflows and entries. */
import { rm, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { systemClock } from './base/clock.ts';
import { sleep } from './base/retry.ts';
import { auditPorts } from './compose/audit-ports.ts';
import { authenticateCaller } from './compose/authenticate.ts';
import { masterKeys } from './compose/master-keys.ts';
import { createOperations } from './compose/operations.ts';
import { openObjects, storePlace } from './compose/open-objects.ts';
import { pacedRbd } from './compose/paced-rbd.ts';
import { createRescue } from './compose/rescue.ts';
import { tickDeps } from './compose/policies.ts';
import { createRunners } from './compose/runners.ts';
import { tuneCollector } from './compose/tune-collector.ts';
import type { AppConfig } from './config.ts';
import { accessRulesOf } from './config/access-settings.ts';
import type { RetentionRules } from './domain/retention.ts';
import { createCatalog, type Catalog } from './drivers/catalog/catalog.ts';
import { checkConnection, connectCatalog } from './drivers/catalog/connect.ts';
import { createLocks, type Locks } from './drivers/catalog/locks.ts';
import { migrateCatalog } from './drivers/catalog/migrate.ts';
import { startLocalPostgres } from './drivers/catalog/server/start-local-postgres.ts';
import { createRbd, type Rbd } from './drivers/ceph/rbd.ts';
import type { CloudCredentials } from './drivers/openstack/credentials.ts';
import { createOpenStack, type OpenStack } from './drivers/openstack/openstack.ts';
import { migrateQueue } from './drivers/queue/orders.ts';
import { createQueue, type Queue } from './drivers/queue/queue.ts';
import { openBackupStore, type BackupStore } from './drivers/store/backup-store.ts';
import { createApp } from './entry/api/create-app.ts';
import { serveHttp } from './entry/api/serve-http.ts';
import { startReconciling } from './entry/worker/start-reconciling.ts';
import { startScheduler } from './entry/worker/start-scheduler.ts';
import { startWorker } from './entry/worker/start-worker.ts';
import type { InventoryDeps } from './workflows/inventory/deps.ts';
import { runTick } from './workflows/policies/tick.ts';
import { reconcileIfDue } from './workflows/reconcile/schedule.ts';

export interface Drivers {
  rbd: Rbd;
  store: BackupStore;
  catalog: Catalog;
  locks: Locks;
  queue: Queue;
  openstack: OpenStack;
}

export interface ServiceOptions {
  credentials: CloudCredentials;
  logger: Logger;
  version: string;
  /** Address of the API; port 0 lets the system choose. */
  listen: { host: string; port: number };
  /** Starts reconciliations by itself, as often as configured. Not for one that lives as long as a command. */
  reconciles?: boolean;
  /** Backs up by policies; a service that lives as long as one command leaves that to others. */
  scheduler?: boolean;
  /** Tests wrap drivers in faults here; nothing else may. */
  decorate?: (drivers: Drivers) => Drivers;
}

export interface Service {
  url: string;
  drivers: Drivers;
  /** Drains for so long, then leaves running jobs to be resumed. */
  stop(options?: { graceful: boolean; timeoutMs: number }): Promise<void>;
}

/** Things that were started, stopped in the opposite order whatever happened in between. */
class Started {
  readonly #stops: (() => void | Promise<void>)[] = [];

  add(stop: () => void | Promise<void>): void {
    this.#stops.push(stop);
  }

  async stop(): Promise<void> {
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) await stop();
  }
}

/** API, worker, queue and catalog in this process. */
export async function startService(config: AppConfig, options: ServiceOptions): Promise<Service> {
  tuneCollector();
  const started = new Started();
  try {
    const stopping = { graceful: true, timeoutMs: 10_000 };
    const real = await openDrivers(config, options, started, stopping);
    const drivers = options.decorate?.(real) ?? real;
    const inventory = inventoryOf(config, drivers);
    const { catalog, locks, queue } = drivers;
    const stopAdopting = await startWorker(
      {
        catalog,
        locks,
        queue,
        runners: createRunners(config, { ...drivers, inventory }),
        rescue: createRescue(drivers.openstack),
        clock: systemClock,
        sleep,
        onError: (message, err, facts) => options.logger.error({ err, ...facts }, message),
      },
      { concurrency: config.limits.jobs },
    );
    started.add(stopAdopting);
    if (options.reconciles === true && config.reconcile.interval_minutes > 0)
      started.add(
        await startReconciling(
          {
            reconcileIfDue: (leastMs) =>
              reconcileIfDue({ catalog, locks, queue, clock: systemClock }, leastMs),
            onError: (message, err) => options.logger.error({ err }, message),
          },
          config.reconcile.interval_minutes * 60_000,
        ),
      );
    if (options.scheduler !== false) started.add(startPolicies(config, options, drivers, inventory));
    const api = createApp({
      operations: createOperations({
        inventory,
        catalog,
        queue,
        cycle: cycleOf(config),
        storePlace: storePlace(config),
        retention: retentionOf(config),
        identity: drivers.openstack.identity,
        approvalHours: config.access.approval_hours,
      }),
      authenticate: (token, requestId, address) =>
        authenticateCaller(drivers.openstack.keystone, accessRulesOf(config.access), {
          token,
          requestId,
          address,
        }),
      ...auditPorts(catalog),
      ready: () => readiness(catalog),
      logger: options.logger,
      version: options.version,
      defaultCluster: config.backups_pool.cluster,
    });
    const http = await serveHttp(api, options.listen);
    started.add(() => http.close());
    await announce(config, http.url, started);
    return {
      url: http.url,
      drivers,
      stop: async (how) => {
        Object.assign(stopping, how);
        await started.stop();
      },
    };
  } catch (error) {
    await started.stop();
    throw error;
  }
}

function startPolicies(
  config: AppConfig,
  { logger }: ServiceOptions,
  { catalog, locks, queue, openstack }: Drivers,
  inventory: InventoryDeps,
): () => Promise<void> {
  const onError = (message: string, err: unknown, facts: Record<string, unknown>): void =>
    logger.error({ err, ...facts }, message);
  const deps = tickDeps({
    inventory,
    nova: openstack.nova,
    catalog,
    queue,
    cycle: cycleOf(config),
    onError,
  });
  return startScheduler({
    locks,
    tick: (signal) => runTick(deps, signal),
    onError,
    intervalMs: config.scheduler.tick_seconds * 1000,
  });
}

async function openDrivers(
  config: AppConfig,
  { credentials, logger }: ServiceOptions,
  started: Started,
  stopping: { graceful: boolean; timeoutMs: number },
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
  const openstack = createOpenStack({ credentials });
  started.add(() => openstack.close());
  const url = await databaseUrl(config, started);
  const sql = connectCatalog({ url });
  started.add(() => sql.destroy());
  await checkConnection(sql);
  await migrateCatalog(sql);
  const queueSettings = { url, heartbeatSeconds: 20, onError: (err: Error) => logger.warn({ err }, 'queue') };
  await migrateQueue(queueSettings);
  const catalog = createCatalog(sql);
  const store = await openStore(config, catalog, started);
  const locks = createLocks({ url });
  started.add(() => locks.close());
  const queue = createQueue(queueSettings);
  started.add(() => queue.stop(stopping));
  await queue.start();
  return { rbd, store, catalog, locks, queue, openstack };
}

async function databaseUrl(config: AppConfig, started: Started): Promise<string> {
  if (config.database.url !== undefined) return config.database.url;
  const postgres = await startLocalPostgres({ stateDir: config.stateDir });
  started.add(() => postgres.stop());
  return postgres.url;
}

async function openStore(config: AppConfig, catalog: Catalog, started: Started): Promise<BackupStore> {
  const { objects, url, close } = await openObjects(config);
  started.add(close);
  const store = await openBackupStore(objects, {
    create: true,
    segmentBytes: config.segment_mib * 1024 * 1024,
    keys: await masterKeys(config),
  });
  await catalog.stores.upsert({ id: store.storeId, url, description: store.description });
  return store;
}

function inventoryOf(config: AppConfig, { rbd, openstack }: Drivers): InventoryDeps {
  return {
    nova: openstack.nova,
    cinder: openstack.cinder,
    glance: openstack.glance,
    neutron: openstack.neutron,
    rbd,
    placement: {
      backends: config.cinder_backends,
      volumesPool: config.volumes_pool,
      novaPool: config.nova_pool,
    },
  };
}

function cycleOf({ cycle }: AppConfig): { maxIncrements: number; maxDays: number } {
  return { maxIncrements: cycle.increments, maxDays: cycle.days };
}

function retentionOf({ retention }: AppConfig): RetentionRules {
  return {
    keepLast: retention.keep_last,
    keepWithinDays: retention.keep_within_days,
    keepHourly: retention.keep_hourly,
    keepDaily: retention.keep_daily,
    keepWeekly: retention.keep_weekly,
    keepMonthly: retention.keep_monthly,
    keepYearly: retention.keep_yearly,
  };
}

async function readiness(
  catalog: Catalog,
): Promise<{ ready: boolean; checks: { name: string; ok: boolean }[] }> {
  const database = await catalog.stores.list().then(
    () => true,
    () => false,
  );
  return { ready: database, checks: [{ name: 'database', ok: database }] };
}

/** Command lines on this machine find the service by this file; it goes with the service. */
async function announce(config: AppConfig, url: string, started: Started): Promise<void> {
  const path = join(config.stateDir, 'service.json');
  await mkdir(config.stateDir, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.part`, JSON.stringify({ url, pid: process.pid }), { mode: 0o600 });
  await rename(`${path}.part`, path);
  started.add(() => rm(path, { force: true }));
}
