/** Health checks and metrics of this process: what is asked, and of whom. */
import { statfs } from 'node:fs/promises';
import { steadyClock, systemClock } from '../base/clock.ts';
import { createHealth, type Health } from '../base/health.ts';
import { sleep } from '../base/retry.ts';
import type { AppConfig } from '../config.ts';
import type { FinalJobState } from '../domain/job.ts';
import type { JobRow, JsonObject } from '../drivers/catalog/types.ts';
import type { Rbd } from '../drivers/ceph/rbd.ts';
import { createMetrics, type Metrics, type ServiceState } from '../drivers/telemetry/metrics.ts';
import { stateOfService } from '../workflows/watch/state-of-service.ts';
import type { Drivers } from './open-drivers.ts';

/** Long enough for `ceph` to start and ask, short enough for who waits. */
const checkTimeoutMs = 3_000;
const checkCacheMs = 10_000;

export function healthOf({ catalog, store, openstack, rbd }: Drivers): Health {
  return createHealth({
    timeoutMs: checkTimeoutMs,
    cacheMs: checkCacheMs,
    now: () => steadyClock.now().getTime(),
    checks: [
      { name: 'database', isEssential: true, run: () => catalog.stores.list() },
      { name: 'store', isEssential: false, run: () => store.assertPresent() },
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

/** The metrics of a process whose drivers may not be there yet: nothing is asked before the first scrape. */
export function metricsOf(
  config: AppConfig,
  { version, role }: { version: string; role: string },
  drivers: () => Pick<Drivers, 'catalog' | 'store'>,
): Metrics {
  const { sources, grace_minutes: graceMinutes } = config.monitoring;
  return createMetrics({
    version,
    role,
    state: async () => {
      const { catalog, store } = drivers();
      const storeSpace = (): Promise<ServiceState['storeSpace']> => spaceOf(config, store.storeId);
      return await stateOfService({ catalog, clock: systemClock, storeSpace }, { sources, graceMinutes });
    },
  });
}

/** A file server that does not answer holds up no scrape. */
async function spaceOf(config: AppConfig, storeId: string): Promise<ServiceState['storeSpace']> {
  if (config.s3 !== undefined) return undefined;
  const late = sleep(checkTimeoutMs).then(() => undefined);
  const found = await Promise.race([statfs(config.storeDirectory), late]);
  if (found === undefined) return undefined;
  const { bsize, blocks, bavail } = found;
  return { storeId, totalBytes: bsize * blocks, freeBytes: bsize * bavail };
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
