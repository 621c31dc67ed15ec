/** The only place where drivers are constructed and handed to workflows and entries. */
import { rm, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { steadyClock, systemClock } from './base/clock.ts';
import type { Health } from './base/health.ts';
import { sleep } from './base/retry.ts';
import { auditPorts } from './compose/audit-ports.ts';
import { authenticateCaller } from './compose/authenticate.ts';
import { historyOf } from './compose/history.ts';
import { countedRbd, countJob, healthOf, metricsOf, storesOfService } from './compose/monitoring.ts';
import { openDrivers, patientOpenStack, type Drivers } from './compose/open-drivers.ts';
import { createOperations } from './compose/operations.ts';
import { startPortal } from './compose/portal.ts';
import { createRescue } from './compose/rescue.ts';
import { tickDeps } from './compose/policies.ts';
import { createRestorePlans } from './compose/restore-plans.ts';
import { createRunners } from './compose/runners.ts';
import { Started } from './compose/started.ts';
import { tuneCollector } from './compose/tune-collector.ts';
import type { AppConfig } from './config.ts';
import { accessRulesOf } from './config/access-settings.ts';
import type { RetentionRules } from './domain/retention.ts';
import type { CloudCredentials } from './drivers/openstack/credentials.ts';
import type { Metrics } from './drivers/telemetry/metrics.ts';
import { createApp } from './entry/api/create-app.ts';
import { createMonitoring } from './entry/api/create-monitoring.ts';
import { serveHttp } from './entry/api/serve-http.ts';
import { startReconciling } from './entry/worker/start-reconciling.ts';
import { startScheduler } from './entry/worker/start-scheduler.ts';
import { startWorker } from './entry/worker/start-worker.ts';
import type { InventoryDeps } from './workflows/inventory/deps.ts';
import { cutBeforeStart } from './workflows/policies/window-end.ts';
import { runTick } from './workflows/policies/tick.ts';
import { reconcileIfDue } from './workflows/reconcile/schedule.ts';

export type { Drivers } from './compose/open-drivers.ts';

export interface ServiceOptions {
  credentials: CloudCredentials;
  logger: Logger;
  version: string;
  /** Address of the API; port 0 lets the system choose. */
  listen: { host: string; port: number };
  /** Makes the store when there is none; else that is STORE_NOT_FOUND. As if true when left out. */
  createStore?: boolean;
  /** `api` runs no job, `worker` has no API; `all` unless told. */
  role?: 'api' | 'worker' | 'all';
  /** Address of metrics and health checks; none unless told. */
  monitoring?: { host: string; port: number } | undefined;
  /** Starts reconciliations by itself, as often as configured. Not for one that lives as long as a command. */
  reconciles?: boolean;
  /** Backs up by policies; a service that lives as long as one command leaves that to others. */
  scheduler?: boolean;
  /** Tests wrap drivers in faults here; nothing else may. */
  decorate?: (drivers: Drivers) => Drivers;
}

export interface Service {
  /** Of the API; empty for a worker, which has none. */
  url: string;
  monitoringUrl: string | undefined;
  drivers: Drivers;
  /**
   * Says that it is not ready any more, goes on so for the configured notice, drains for so long, then leaves running
   * jobs to be resumed. The API answers until the jobs are away, so that they can be watched to the end.
   */
  stop(options?: StopOptions): Promise<void>;
}

export interface StopOptions {
  /** False leaves running jobs at once. */
  graceful?: boolean;
  /** How long running jobs get, ms; what is configured unless told. */
  timeoutMs?: number;
  /** As if not graceful from when it is aborted. */
  hurry?: AbortSignal;
}

/** What a replica of this role runs, in this process. */
export async function startService(config: AppConfig, options: ServiceOptions): Promise<Service> {
  tuneCollector();
  const { role = 'all', version } = options;
  const started = new Started();
  const working = new Started();
  try {
    const real = await openDrivers(config, options, started);
    // Asked when something is shown; by then all of it is there.
    const metrics = metricsOf(config, { version, role }, () => ({ ...real, health }));
    const decorate = options.decorate ?? ((undecorated: Drivers): Drivers => undecorated);
    if (role !== 'api') {
      const forJobs = decorate({ ...real, openstack: patientOpenStack(options.credentials, started) });
      await startWorking(config, options, { drivers: forJobs, metrics }, working);
    }
    const drivers = decorate(real);
    const inventory = inventoryOf(config, drivers);
    const health = healthOf(drivers);
    const url =
      role === 'worker' ? '' : await startApi(config, options, { drivers, inventory, health }, started);
    const monitoring =
      options.monitoring && (await serveHttp(createMonitoring(metrics, health), options.monitoring));
    if (monitoring !== undefined) started.add(() => monitoring.close());
    return {
      url,
      monitoringUrl: monitoring?.url,
      drivers,
      stop: async ({ graceful = true, timeoutMs = config.shutdown.jobs_seconds * 1000, hurry } = {}) => {
        health.drain();
        // Cut short by the hurry alone.
        if (graceful) await sleep(config.shutdown.notice_seconds * 1000, hurry).catch(() => undefined);
        await working.stop();
        await drivers.queue.drain({ graceful, timeoutMs, hurry });
        await started.stop();
      },
    };
  } catch (error) {
    await working.stop();
    await started.stop();
    throw error;
  }
}

interface Parts {
  drivers: Drivers;
  inventory: InventoryDeps;
  metrics: Metrics;
  health: Health;
}

/** Jobs, reconciliations and the scheduler; the last two run on one worker of the cluster at a time. */
async function startWorking(
  config: AppConfig,
  options: ServiceOptions,
  { drivers: given, metrics }: Pick<Parts, 'drivers' | 'metrics'>,
  working: Started,
): Promise<void> {
  const drivers = { ...given, rbd: countedRbd(given.rbd, metrics) };
  const { catalog, locks, queue } = drivers;
  const inventory = inventoryOf(config, drivers);
  const stopAdopting = await startWorker(
    {
      catalog,
      locks,
      queue,
      runners: createRunners(config, { ...drivers, inventory }),
      rescue: createRescue(drivers.openstack),
      endInstead: (jobId) =>
        cutBeforeStart(
          {
            catalog,
            clock: systemClock,
            onError: (message, err, facts) => options.logger.error({ err, ...facts }, message),
          },
          jobId,
        ),
      onEnd: (job, outcome) => countJob(metrics, job, outcome),
      clock: steadyClock,
      sleep,
      onError: (message, err, facts) => options.logger.error({ err, ...facts }, message),
    },
    { concurrency: config.limits.jobs },
  );
  working.add(stopAdopting);
  if (options.reconciles === true && config.reconcile.interval_minutes > 0)
    working.add(
      await startReconciling(
        {
          reconcileIfDue: (leastMs) => reconcileIfDue({ catalog, locks, queue, clock: systemClock }, leastMs),
          onError: (message, err) => options.logger.error({ err }, message),
        },
        config.reconcile.interval_minutes * 60_000,
      ),
    );
  if (options.scheduler !== false) working.add(startPolicies(config, options, drivers, inventory));
}

/** Gives the URL. */
async function startApi(
  config: AppConfig,
  options: ServiceOptions,
  { drivers, inventory, health }: Omit<Parts, 'metrics'>,
  started: Started,
): Promise<string> {
  const { catalog, queue } = drivers;
  const api = createApp({
    operations: {
      ...createOperations({
        inventory,
        catalog,
        queue,
        cycle: cycleOf(config),
        stores: storesOfService(config, drivers.stores, health),
        retention: retentionOf(config),
        identity: drivers.openstack.identity,
        approvalHours: config.access.approval_hours,
        graceMinutes: config.monitoring.grace_minutes,
      }),
      ...createRestorePlans(config, { ...drivers, inventory }),
    },
    authenticate: (token, requestId, address) =>
      authenticateCaller(drivers.openstack.keystone, accessRulesOf(config.access), {
        token,
        requestId,
        address,
      }),
    ...auditPorts(catalog),
    portal: startPortal(config, options, drivers, started),
    trustProxy: config.trusted_proxies,
    health,
    logger: options.logger,
    version: options.version,
    defaultCluster: config.backups_pool.cluster,
  });
  const http = await serveHttp(api, options.listen);
  started.add(() => http.close());
  await announce(config, http.url, started);
  return http.url;
}

function startPolicies(
  config: AppConfig,
  { logger }: ServiceOptions,
  { catalog, locks, queue, openstack, stores }: Drivers,
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
    stores,
    onError,
    retryMinutes: config.scheduler.retry_minutes,
  });
  const history = historyOf(config, { catalog, stores }, logger);
  return startScheduler({
    locks,
    tick: async (signal) => {
      // Once a day it notes something; policies do not wait for it.
      await catalog.storeUsage
        .sample()
        .catch((error: unknown) => onError('the usage of the stores was not noted', error, {}));
      await runTick(deps, signal);
      await history.look(signal).catch((error: unknown) => {
        if (!signal.aborted) onError('the history was not looked through', error, {});
      });
    },
    onError,
    intervalMs: config.scheduler.tick_seconds * 1000,
  });
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

/** Command lines on this machine find the service by this file; it goes with the service. */
async function announce(config: AppConfig, url: string, started: Started): Promise<void> {
  const path = join(config.stateDir, 'service.json');
  await mkdir(config.stateDir, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.part`, JSON.stringify({ url, pid: process.pid }), { mode: 0o600 });
  await rename(`${path}.part`, path);
  started.add(() => rm(path, { force: true }));
}
