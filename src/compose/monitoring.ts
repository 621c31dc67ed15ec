/** Health checks and metrics of this process: what is asked, and of whom. */
import { statfs } from 'node:fs/promises';
import { steadyClock, systemClock } from '../base/clock.ts';
import { createHealth, type Health } from '../base/health.ts';
import { sleep } from '../base/retry.ts';
import type { AppConfig } from '../config.ts';
import type { StoreConfig } from '../config/store-settings.ts';
import type { FinalJobState } from '../domain/job.ts';
import type { StoreNames } from '../domain/store-names.ts';
import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { JobRow, JsonObject } from '../drivers/catalog/types.ts';
import type { Rbd } from '../drivers/ceph/rbd.ts';
import { createMetrics, type Metrics, type StoreSpace } from '../drivers/telemetry/metrics.ts';
import type { StoresSeen } from '../workflows/inventory/list-stores.ts';
import { stateOfService } from '../workflows/watch/state-of-service.ts';
import type { Drivers } from './open-drivers.ts';
import type { Stores } from './stores.ts';

/** Long enough for `ceph` to start and ask, short enough for who waits. */
const checkTimeoutMs = 3_000;
const checkCacheMs = 10_000;

export function healthOf({ catalog, stores, openstack, rbd }: Drivers): Health {
  return createHealth({
    timeoutMs: checkTimeoutMs,
    cacheMs: checkCacheMs,
    now: () => steadyClock.now().getTime(),
    checks: [
      { name: 'database', isEssential: true, run: () => catalog.stores.list() },
      ...stores.names.map((name) => ({
        name: storeCheck(stores, name),
        isEssential: false,
        run: async () => {
          await (await stores.open(name)).assertPresent();
        },
      })),
      {
        name: 'keystone',
        isEssential: false,
        run: (signal) =>
          openstack.keystone.identity.request({ method: 'GET', path: '', expected: [200, 300], signal }),
      },
      {
        name: 'ceph',
        isEssential: false,
        run: () => Promise.all(rbd.clusterNames().map((cluster) => rbd.listPools(cluster))),
      },
    ],
  });
}

/** What the check of a store is called: of the only one as it always was. */
function storeCheck({ names }: StoreNames, name: string): string {
  return names.length === 1 ? 'store' : `store:${name}`;
}

/** By the stores' names; asked as rarely as all that is checked. */
export async function storesThere(stores: StoreNames, health: Health): Promise<Map<string, boolean>> {
  const { checks } = await health.healthy();
  const isThere = (name: string): boolean =>
    checks.some((check) => check.name === storeCheck(stores, name) && check.ok);
  return new Map(stores.names.map((name) => [name, isThere(name)]));
}

/** The stores as the API shows them. */
export function storesOfService(config: AppConfig, stores: Stores, health: Health): StoresSeen {
  return {
    names: stores.names,
    defaultName: stores.defaultName,
    placeOf: stores.placeOf,
    there: () => storesThere(stores, health),
    space: async () =>
      new Map((await spaceOfStores(config, stores)).map(({ storeId, ...of }) => [storeId, of])),
  };
}

/** The metrics of a process whose drivers may not be there yet: nothing is asked before the first scrape. */
export function metricsOf(
  config: AppConfig,
  { version, role }: { version: string; role: string },
  drivers: () => { catalog: Catalog; stores: Stores; health: Health },
): Metrics {
  const { sources, grace_minutes: graceMinutes } = config.monitoring;
  return createMetrics({
    version,
    role,
    state: async () => {
      const { catalog, stores, health } = drivers();
      const deps = {
        catalog,
        clock: systemClock,
        storesThere: () => storesThere(stores, health),
        storeSpace: () => spaceOfStores(config, stores),
      };
      return await stateOfService(deps, { sources, graceMinutes });
    },
  });
}

/** A file server that does not answer holds up no scrape. */
async function spaceOf({ name, directory }: StoreConfig, stores: Stores): Promise<StoreSpace[]> {
  if (directory === undefined) return [];
  const storeId = await stores.idOf(name);
  const waited = new AbortController();
  const tooLate = (): undefined => undefined;
  const late = sleep(checkTimeoutMs, waited.signal).then(tooLate, tooLate);
  // What is away has no space that would be worth telling.
  const found = await Promise.race([statfs(directory).catch(tooLate), late]);
  waited.abort();
  if (found === undefined || storeId === undefined) return [];
  const { bsize, blocks, bavail } = found;
  return [{ storeId, totalBytes: bsize * blocks, freeBytes: bsize * bavail }];
}

export async function spaceOfStores(
  { storeList }: Pick<AppConfig, 'storeList'>,
  stores: Stores,
): Promise<StoreSpace[]> {
  return (await Promise.all(storeList.map((store) => spaceOf(store, stores)))).flat();
}

/** Counts what jobs did, once each has ended. */
export function countJob(
  metrics: Metrics,
  job: JobRow,
  outcome: { state: FinalJobState; result?: JsonObject },
): void {
  const nowMs = systemClock.now().getTime();
  const seconds = Math.max(0, nowMs - (job.startedAt ?? job.createdAt).getTime()) / 1000;
  metrics.jobEnded({ kind: job.kind, state: outcome.state, seconds });
  if (job.kind !== 'backup' || outcome.state !== 'succeeded') return;
  const disks = (outcome.result?.['disks'] ?? []) as { dataBytes?: number; storedBytes?: number }[];
  metrics.backedUp({
    read: disks.reduce((sum, { dataBytes = 0 }) => sum + dataBytes, 0),
    stored: disks.reduce((sum, { storedBytes = 0 }) => sum + storedBytes, 0),
  });
}

/** What passes between Ceph and this worker, counted by pool. */
export function countedRbd(rbd: Rbd, metrics: Pick<Metrics, 'transferred'>): Rbd {
  async function* counted(
    direction: 'export' | 'import',
    pool: string,
    chunks: AsyncIterable<Buffer>,
  ): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of chunks) {
      metrics.transferred(direction, pool, chunk.length);
      yield chunk;
    }
  }
  return {
    ...rbd,
    exportDiff: async (at, options) => {
      const output = await rbd.exportDiff(at, options);
      return { ...output, chunks: counted('export', at.pool, output.chunks) };
    },
    importDiff: (at, stream, options) => rbd.importDiff(at, counted('import', at.pool, stream), options),
  };
}
