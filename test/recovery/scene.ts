/**
 * What all recovery tests stand on: an instance of two small disks, a database, and workers in processes of their own
 * that share it and one state directory. The test itself only asks for jobs and looks at what came of them.
 */
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createOperations } from '../../src/compose/operations.ts';
import { madeUpStores } from '../support/made-up-stores.ts';
import type { Caller } from '../../src/domain/access.ts';
import { volumeDiskKey, type ImageLocation } from '../../src/domain/disk.ts';
import { isFinishedJob } from '../../src/domain/job.ts';
import type { RestoreMode } from '../../src/domain/restore.ts';
import { createRbd, type Rbd } from '../../src/drivers/ceph/rbd.ts';
import type { JobRow } from '../../src/drivers/catalog/types.ts';
import type { OpenStack, OpenStackClients } from '../../src/drivers/openstack/openstack.ts';
import { migrateQueue } from '../../src/drivers/queue/orders.ts';
import { createQueue } from '../../src/drivers/queue/queue.ts';
import { openBackupStore, type BackupStore } from '../../src/drivers/store/backup-store.ts';
import { FilesystemStore } from '../../src/drivers/store/filesystem-store.ts';
import type { Operations, Restore } from '../../src/workflows/operations.ts';
import { Cleanup, devcloud, openCloud, patience, projectNamed } from '../support/devcloud.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../support/catalog-database.ts';
import { makeStateDir } from '../support/service.ts';
import { diskBytes, writeRandomly } from './source-disk.ts';
import { WorkerProcess } from './worker-process.ts';

export interface SourceDisk {
  key: string;
  volumeId: string;
  location: ImageLocation;
}

export interface Scene {
  rbd: Rbd;
  database: CatalogDatabase;
  openstack: OpenStack;
  owner: OpenStackClients;
  operations: Omit<Operations, 'planRestore' | 'planWaitingRestore'>;
  caller: Caller;
  instanceId: string;
  /** The root disk and the data disk. */
  disks: [SourceDisk, SourceDisk];
  /** Settings of a worker: the common state and database. */
  workerEnv: Record<string, string>;
  stateDir: string;
  /** The workers' store; it is there once the first worker has started. */
  openStore: () => Promise<BackupStore>;
  /** Loaded, not started: it may be started when its predecessor is dead. */
  newWorker: () => WorkerProcess;
  /** With the scene's short cycle, or another one. */
  requestBackup: (cycle?: { increments: number }) => Promise<string>;
  requestRestore: (mode: RestoreMode, diskKey?: string) => Promise<Restore & { jobId: string }>;
  ended: (jobId: string) => Promise<JobRow>;
  close: () => Promise<void>;
}

/** One job at a time in a worker; small segments, so that a small disk has several. */
const settings = 'limits: { jobs: 1 }\nsegment_mib: 1\n';
const endTimeoutMs = 180_000;
/** A chain of this many increments, so that a test of some rounds sees fulls too. */
const cycle = { maxIncrements: 3, maxDays: 7 };

export async function openScene(name: string): Promise<Scene> {
  const cleanup = new Cleanup();
  try {
    return await makeScene(`rec-${name}-${process.pid}`, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function makeScene(name: string, cleanup: Cleanup): Promise<Scene> {
  const { cephConf } = devcloud();
  const rbd = createRbd([{ name: 'ceph', confPath: cephConf, user: 'admin', keyringPath: undefined }]);
  const openstack = openCloud('emberkeep');
  cleanup.add(() => {
    openstack.close();
    return Promise.resolve();
  });
  const projectId = await projectNamed(openstack, 'tenant');
  const owner = openstack.inProject(projectId);
  const [database, { instanceId, disks }] = await Promise.all([
    openCatalogDatabase(),
    makeInstance(name, owner, rbd, cleanup),
  ]);
  cleanup.add(() => database.close());
  const stateDir = await makeStateDir();
  cleanup.add(() => rm(stateDir, { recursive: true, force: true }));
  await chmod(stateDir, 0o711);
  const config = join(stateDir, 'config.yaml');
  await writeFile(config, settings);
  const workerEnv = {
    EMBERKEEP_CONFIG: config,
    EMBERKEEP_STATE_DIR: stateDir,
    EMBERKEEP_DATABASE_URL: database.url,
  };
  await migrateQueue({ url: database.url });
  const queue = createQueue({ url: database.url, onError: () => undefined });
  await queue.start();
  cleanup.add(() => queue.stop({ graceful: false, timeoutMs: 0 }));
  const placement = {
    backends: {},
    volumesPool: { cluster: 'ceph', pool: 'volumes' },
    novaPool: { cluster: 'ceph', pool: 'vms' },
  };
  const inventory = { nova: openstack.nova, cinder: openstack.cinder, rbd, placement };
  const operations = createOperations({
    inventory,
    catalog: database.catalog,
    queue,
    cycle,
    stores: madeUpStores(stateDir),
  });
  const caller: Caller = {
    userId: 'recovery',
    userName: 'recovery',
    projectId,
    projectName: 'tenant',
    roles: ['admin'],
    level: 'admin',
    seesAll: true,
    isAdmin: true,
    requestId: `req-${name}`,
    address: '127.0.0.1',
  };
  const workers: WorkerProcess[] = [];
  cleanup.add(async () => {
    await Promise.all(workers.map((worker) => worker.end('SIGKILL')));
  });
  return {
    rbd,
    database,
    openstack,
    owner,
    operations,
    caller,
    instanceId,
    disks,
    workerEnv,
    stateDir,
    openStore: async () =>
      openBackupStore(await FilesystemStore.open(join(stateDir, 'store')), { create: false }),
    newWorker: () => {
      const worker = new WorkerProcess();
      workers.push(worker);
      return worker;
    },
    requestBackup: async (cycle) => {
      const target = { kind: 'instance' as const, nameOrId: name };
      const [job] = await operations.requestBackup(caller, { target, full: false, cycle });
      if (job === undefined) throw new Error('no job');
      return job.id;
    },
    requestRestore: async (mode, diskKey) => {
      const restore = await operations.requestRestore(caller, {
        point: { sourceKind: 'instance', nameOrId: name, at: 'latest' },
        mode,
        disks: diskKey === undefined ? [] : [diskKey],
        name: undefined,
        plain: false,
      });
      if (restore.jobId === null) throw new Error(`restore ${restore.id} waits for an approval`);
      return { ...restore, jobId: restore.jobId };
    },
    ended: (jobId) => ended(database, jobId),
    close: () => cleanup.run(),
  };
}

async function ended({ catalog }: CatalogDatabase, jobId: string): Promise<JobRow> {
  for (let waitedMs = 0; waitedMs < endTimeoutMs; waitedMs += 50) {
    const job = await catalog.jobs.get(jobId);
    if (job !== undefined && isFinishedJob(job.state)) return job;
    await sleep(50);
  }
  throw new Error(`job ${jobId} did not end within ${endTimeoutMs} ms`);
}

/**
 * On the host whose instances exist in the API only. Its volumes have 1 GiB for Cinder, their images are made small. The
 * data disk would go with the instance: what is not so by itself shows whether a restore keeps it.
 */
async function makeInstance(
  name: string,
  owner: OpenStackClients,
  rbd: Rbd,
  cleanup: Cleanup,
): Promise<Pick<Scene, 'instanceId' | 'disks'>> {
  const [root, data] = await Promise.all([
    makeVolume(`${name}-root`, owner, cleanup),
    makeVolume(`${name}-data`, owner, cleanup),
  ]);
  await owner.cinder.setBootable(root, true);
  const id = await owner.nova.createServer({
    name,
    flavorRef: '42',
    networks: 'none',
    availability_zone: devcloud().zones.fake,
    block_device_mapping_v2: [root, data].map((uuid, index) => ({
      uuid,
      source_type: 'volume',
      destination_type: 'volume',
      boot_index: index === 0 ? 0 : -1,
      delete_on_termination: index > 0,
    })),
  });
  cleanup.add(async () => {
    await owner.nova.deleteServer(id);
    await owner.nova.waitForServerGone(id, patience);
  });
  await owner.nova.waitForServer(id, 'ACTIVE', patience);
  return { instanceId: id, disks: [await makeDisk(root, rbd), await makeDisk(data, rbd)] };
}

async function makeVolume(name: string, owner: OpenStackClients, cleanup: Cleanup): Promise<string> {
  const { description } = await owner.cinder.createVolume({ name, sizeGib: 1, volumeType: 'ceph' });
  cleanup.add(async () => {
    // One that goes with its instance may be going already.
    const [found] = await owner.cinder.findVolumes(description.id);
    if (found !== undefined && found.status !== 'deleting') await owner.cinder.deleteVolume(description.id);
    await owner.cinder.waitForVolumeGone(description.id, patience);
  });
  await owner.cinder.waitForVolume(description.id, ['available'], patience);
  return description.id;
}

async function makeDisk(volumeId: string, rbd: Rbd): Promise<SourceDisk> {
  const location = { cluster: 'ceph', pool: 'volumes', image: `volume-${volumeId}` };
  const disk = { key: volumeDiskKey(volumeId), volumeId, location };
  await writeRandomly(rbd, disk, diskBytes / 2);
  return disk;
}
