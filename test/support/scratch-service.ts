/** The whole service with drivers that a test can make fail, and the questions that tests ask of what is left. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Drivers } from '../../src/compose.ts';
import type { Catalog } from '../../src/drivers/catalog/catalog.ts';
import type { Rbd } from '../../src/drivers/ceph/rbd.ts';
import type { OpenStackClients } from '../../src/drivers/openstack/openstack.ts';
import type { BackupStore } from '../../src/drivers/store/backup-store.ts';
import type { WireJob, WirePoint, WireRestore } from '../../src/entry/cli/wire.ts';
import { clearHooks, intercept } from './scratch-faults.ts';
import { startTestService, type TestService, type TestServiceOptions } from './service.ts';

/** What a test puts here is called instead of the real method. */
export interface Hooks {
  rbd: Partial<Rbd>;
  store: Partial<BackupStore>;
  points: Partial<Catalog['points']>;
  jobs: Partial<Catalog['jobs']>;
  /** For every project that the service acts in. */
  attachments: Partial<OpenStackClients['attachments']>;
  cinder: Partial<OpenStackClients['cinder']>;
  nova: Partial<OpenStackClients['nova']>;
}

export interface FaultyService extends TestService {
  hooks: Hooks;
  /** The drivers without hooks. */
  real: Drivers;
  clear(): void;
  /** A backup that is expected to fail; gives the ended job. */
  failedBackup(target: Record<string, string>): Promise<WireJob>;
  /** A restore that is expected not to succeed; gives it and its ended job. */
  failedRestore(request: Record<string, unknown>): Promise<{ restore: WireRestore; job: WireJob }>;
  pointsOf(source: string): Promise<WirePoint[]>;
  /** Ids of all links in the store, whole or not. */
  storedLinks(): Promise<string[]>;
  storedPoints(): Promise<string[]>;
}

export interface FaultyServiceOptions extends Omit<TestServiceOptions, 'decorate'> {
  /** Takes the place of the service user's own Cinder. */
  cinder?: OpenStackClients['cinder'];
}

export async function startFaultyService({
  cinder,
  ...options
}: FaultyServiceOptions = {}): Promise<FaultyService> {
  const hooks: Hooks = { rbd: {}, store: {}, points: {}, jobs: {}, attachments: {}, cinder: {}, nova: {} };
  let real: Drivers | undefined;
  const service = await startTestService({
    ...options,
    decorate: (drivers) => {
      real = drivers;
      const openstack = { ...drivers.openstack, ...(cinder === undefined ? {} : { cinder }) };
      return decorate({ ...drivers, openstack }, hooks);
    },
  });
  if (real === undefined) throw new Error('the drivers were not decorated');
  const { config } = service;
  return {
    ...service,
    hooks,
    real,
    clear: () => clearHooks({ ...hooks }),
    failedBackup: async (target) => {
      const { jobs } = await service.call<{ jobs: [WireJob] }>('POST', '/v1/backups', { target });
      return unsuccessful(await service.ended(jobs[0].id));
    },
    failedRestore: async (request) => {
      const { restore } = await service.call<{ restore: WireRestore }>('POST', '/v1/restores', request);
      return { restore, job: unsuccessful(await service.ended(restore.job_id)) };
    },
    pointsOf: async (source) =>
      (await service.call<{ points: WirePoint[] }>('GET', `/v1/points?source=${encodeURIComponent(source)}`))
        .points,
    storedLinks: () => entries(join(config.storeDirectory, 'links')),
    storedPoints: () => entries(join(config.storeDirectory, 'points')),
  };
}

function decorate(drivers: Drivers, hooks: Hooks): Drivers {
  const { catalog, openstack } = drivers;
  return {
    ...drivers,
    rbd: intercept(drivers.rbd, hooks.rbd),
    stores: {
      ...drivers.stores,
      open: async (name) => intercept(await drivers.stores.open(name), hooks.store),
      ofId: async (storeId) => intercept(await drivers.stores.ofId(storeId), hooks.store),
    },
    catalog: {
      ...catalog,
      points: intercept(catalog.points, hooks.points),
      jobs: intercept(catalog.jobs, hooks.jobs),
    },
    openstack: {
      ...openstack,
      inProject: (projectId) => {
        const clients = openstack.inProject(projectId);
        return {
          ...clients,
          attachments: intercept(clients.attachments, hooks.attachments),
          cinder: intercept(clients.cinder, hooks.cinder),
          nova: intercept(clients.nova, hooks.nova),
        };
      },
    },
  };
}

function unsuccessful(job: WireJob): WireJob {
  if (job.state === 'succeeded') throw new Error(`job ${job.id} succeeded`);
  return job;
}

async function entries(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).toSorted();
}
