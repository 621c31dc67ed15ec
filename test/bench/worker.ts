/** A worker of the service in a process of its own: does the jobs that its parent asks for, and times them. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Drivers } from '../../src/compose.ts';
import type { WireJob, WireRestore } from '../../src/entry/cli/wire.ts';
import type { BackupResult } from '../../src/workflows/backup/run.ts';
import type { RestoreResult } from '../../src/workflows/restore/run.ts';
import { startTestService, type TestService } from '../support/service.ts';
import type { Answer, Done, Order } from './orders.ts';
import { cpuSeconds, peakRssBytes, watchPeaks } from './process-figures.ts';

const pollMs = 20;
/** Seconds spent in each call of the drivers since the last job began; calls side by side count twice. */
let parts: Record<string, number> = {};

const [stateDir = '', ...variables] = process.argv.slice(2);
// Long enough for the longest chain of the benchmark.
const config = `${stateDir}.yaml`;
writeFileSync(config, 'cycle: { increments: 100 }\n');
const service = await startTestService({
  stateDir,
  env: {
    EMBERKEEP_CONFIG: config,
    ...Object.fromEntries(variables.map((name) => [name, process.env[name] ?? ''])),
  },
  decorate: (drivers) => ({
    ...drivers,
    rbd: timed(drivers.rbd, 'rbd'),
    stores: {
      ...drivers.stores,
      open: async (name) => timed(await drivers.stores.open(name), 'store'),
      ofId: async (storeId) => timed(await drivers.stores.ofId(storeId), 'store'),
    },
  }),
});
process.on('message', (order: Order) => void answer(order));
// The parent is gone or wants no more. A terminal's interrupt is the parent's to handle.
process.on('disconnect', () => void service.stop().then(() => process.exit(0)));
process.on('SIGINT', () => undefined);
process.send?.({ ready: true });

async function answer(order: Order): Promise<void> {
  const result: Answer = await run(order).catch((error: unknown) => ({
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  }));
  process.send?.(result);
}

async function run(order: Order): Promise<Done> {
  // Makes VmHWM begin anew (proc_pid_clear_refs(5)).
  writeFileSync('/proc/self/clear_refs', '5');
  parts = {};
  const before = cpuSeconds('self');
  const stopWatching = watchPeaks(process.pid, ['rbd']);
  const started = performance.now();
  try {
    const job = await runJob(order);
    const seconds = (performance.now() - started) / 1000;
    const after = cpuSeconds('self');
    return {
      seconds,
      cpuSeconds: after.own + after.endedChildren - before.own - before.endedChildren,
      peakRssBytes: peakRssBytes('self'),
      rbdPeakRssBytes: stopWatching(),
      ...job,
      parts: { ...parts, ...job.parts },
    };
  } finally {
    stopWatching();
  }
}

async function runJob(order: Order): Promise<Partial<Done>> {
  switch (order.verb) {
    case 'backup':
      return await backUp(service, { target: { image: order.image }, full: order.full });
    case 'backup-volume':
      return await backUp(service, { target: { volume: order.volume }, full: true });
    case 'restore':
      return await restore(service, order);
    case 'restore-in-place':
      return await restoreInPlace(service, order.pointId);
    case 'verify': {
      const body = { target: { point: order.pointId }, level: 'full' };
      return await finished(await service.call<{ job: WireJob }>('POST', '/v1/verifications', body));
    }
    case 'delete': {
      const deleted = await service.call<{ expiration: { job: WireJob } }>(
        'DELETE',
        `/v1/points/${order.pointId}`,
      );
      return await finished(deleted.expiration);
    }
  }
}

async function finished({ job }: { job: WireJob }): Promise<Partial<Done>> {
  await succeeded(service.drivers, job.id);
  return {};
}

async function backUp(
  worker: TestService,
  request: { target: object; full: boolean },
): Promise<Pick<Done, 'pointId' | 'kind' | 'storedBytes'>> {
  const { jobs } = await worker.call<{ jobs: [WireJob] }>('POST', '/v1/backups', request);
  const result = (await succeeded(worker.drivers, jobs[0].id)) as unknown as BackupResult;
  const [disk] = result.disks;
  return { pointId: result.pointId, kind: disk?.kind ?? '', storedBytes: disk?.storedBytes ?? 0 };
}

async function restore(
  worker: TestService,
  { pointId, plain }: Extract<Order, { verb: 'restore' }>,
): Promise<Pick<Done, 'image'>> {
  const request = { point: { id: pointId }, mode: 'image', plain };
  const { restore: asked } = await worker.call<{ restore: WireRestore }>('POST', '/v1/restores', request);
  const result = (await succeeded(worker.drivers, asked.job_id)) as unknown as RestoreResult;
  return { image: result.disks[0]?.image ?? '' };
}

async function restoreInPlace(
  worker: TestService,
  pointId: string,
): Promise<Pick<Done, 'image' | 'keptImage' | 'parts'>> {
  const request = { point: { id: pointId }, mode: 'in-place' };
  const { restore: asked } = await worker.call<{ restore: WireRestore }>('POST', '/v1/restores', request);
  const result = (await succeeded(worker.drivers, asked.job_id)) as unknown as RestoreResult;
  const [disk] = result.disks;
  const parts = await secondsOfSteps(worker.drivers, asked.job_id);
  return { image: disk?.image ?? '', keptImage: disk?.keptImage ?? '', parts };
}

/** What lies before each step that a restore in place records, by the catalog's clock. */
const stepNames: readonly (readonly [string, RegExp])[] = [
  ['step.plan', /^planned$/],
  ['step.import', /^imported /],
  ['step.move', /^swapping the image /],
  ['step.swap', /^image swapped /],
];

async function secondsOfSteps({ catalog }: Drivers, jobId: string): Promise<Record<string, number>> {
  const job = await catalog.jobs.get(jobId);
  const events = (await catalog.events.since(jobId)).filter(({ kind }) => kind === 'step');
  let beforeMs = job?.startedAt?.getTime() ?? 0;
  const seconds: Record<string, number> = {};
  for (const [name, pattern] of stepNames) {
    const step = events.find(({ data }) => pattern.test(String(data['step'])));
    if (step === undefined) throw new Error(`the restore recorded no step like ${String(pattern)}`);
    seconds[name] = (step.at.getTime() - beforeMs) / 1000;
    beforeMs = step.at.getTime();
  }
  seconds['step.end'] = ((job?.finishedAt?.getTime() ?? 0) - beforeMs) / 1000;
  return seconds;
}

/** Looks into the catalog and not at the API: a poll of that costs a token check. */
async function succeeded({ catalog }: Drivers, jobId: string): Promise<Record<string, unknown>> {
  for (;;) {
    const job = await catalog.jobs.get(jobId);
    if (job?.state === 'succeeded') return job.result ?? {};
    if (job?.state === 'failed' || job?.state === 'cancelled')
      throw new Error(`job ${jobId} ${job.state}: ${JSON.stringify(job.error)}`);
    await sleep(pollMs);
  }
}

function timed<T extends object>(driver: T, name: string): T {
  return new Proxy(driver, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const started = performance.now();
        const result: unknown = Reflect.apply(value, target, args);
        if (!(result instanceof Promise)) return result;
        const part = `${name}.${String(key)}`;
        return result.finally(() => {
          parts[part] = (parts[part] ?? 0) + (performance.now() - started) / 1000;
        });
      };
    },
  });
}
