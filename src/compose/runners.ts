/** Job rows to workflow runs. */
import { steadyClock, systemClock } from '../base/clock.ts';
import { sleep } from '../base/retry.ts';
import type { AppConfig } from '../config.ts';
import type { JobKind } from '../domain/job.ts';
import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { Locks } from '../drivers/catalog/locks.ts';
import type { Rbd } from '../drivers/ceph/rbd.ts';
import { createInstancePauses } from '../drivers/openstack/instance-pause.ts';
import { createInstanceCloud } from '../drivers/openstack/instance-cloud.ts';
import type { OpenStack } from '../drivers/openstack/openstack.ts';
import type { BackupStore } from '../drivers/store/backup-store.ts';
import type { JobRunner } from '../entry/worker/deps.ts';
import type { BackupDeps } from '../workflows/backup/deps.ts';
import type { BackupPlan } from '../workflows/backup/plan.ts';
import type { BackupJobTarget } from '../workflows/backup/request.ts';
import { runBackup } from '../workflows/backup/run.ts';
import type { ExpireDeps } from '../workflows/expire/deps.ts';
import type { ExpirePlan } from '../workflows/expire/plan.ts';
import type { ExpireJobTarget } from '../workflows/expire/request.ts';
import { runExpire } from '../workflows/expire/run.ts';
import type { InventoryDeps } from '../workflows/inventory/deps.ts';
import { describeTarget } from '../workflows/inventory/describe-target.ts';
import type { JobContext } from '../workflows/job-context.ts';
import type { RestoreDeps } from '../workflows/restore/deps.ts';
import type { RestorePlan } from '../workflows/restore/plan.ts';
import { toRestoreOptions, type RestoreJobTarget } from '../workflows/restore/request.ts';
import { runRestore } from '../workflows/restore/run.ts';
import type { UndoPlan } from '../workflows/restore/undo-job/plan.ts';
import type { UndoJobTarget } from '../workflows/restore/undo-job/request.ts';
import { runUndo } from '../workflows/restore/undo-job/run.ts';
import type { RebuildJobTarget } from '../workflows/rebuild/request.ts';
import type { RebuildPlan } from '../workflows/rebuild/run.ts';
import type { ReconcilePlan } from '../workflows/reconcile/report.ts';
import { runReconcile } from '../workflows/reconcile/run.ts';
import { runRebuild } from '../workflows/rebuild/run.ts';
import type { Transfers } from '../workflows/run-disks.ts';
import type { VerifyDeps } from '../workflows/verify/deps.ts';
import type { VerifyPlan } from '../workflows/verify/plan.ts';
import type { VerifyJobTarget } from '../workflows/verify/request.ts';
import { runVerify } from '../workflows/verify/run.ts';
import { backupCatalog, restoreCatalog } from './catalog-ports.ts';
import { earlierNow } from './earlier-now.ts';
import { toExpireOptions } from './expire-options.ts';
import { rebuildCatalog } from './rebuild-ports.ts';
import { reconcileDeps, toReconcileOptions } from './reconcile-ports.ts';
import { restoreCloud } from './restore-cloud.ts';
import { TransferSlots } from './transfer-slots.ts';
import type { Stores } from './stores.ts';
import { expireUndoDeps, expireUndos, undoCatalog } from './undo-ports.ts';
import { verifyCatalog } from './verify-ports.ts';

export interface RunnerDrivers {
  rbd: Rbd;
  stores: Stores;
  catalog: Catalog;
  locks: Locks;
  openstack: OpenStack;
  inventory: InventoryDeps;
}

export function createRunners(config: AppConfig, drivers: RunnerDrivers): Record<JobKind, JobRunner> {
  const { rbd, stores, catalog, openstack, inventory } = drivers;
  const transfers = new TransferSlots(
    { disks: config.limits.disks, disksPerPool: config.limits.disks_per_pool },
    { locks: drivers.locks },
  );
  const { named, ofId } = storeAccess(config, drivers, transfers);
  const backupDeps = (of: StoreDeps): BackupDeps => ({
    ...of,
    clock: systemClock,
    steadyClock,
    rbd,
    catalog: backupCatalog(catalog, of.store.storeId),
    describeTarget: (target) => describeTarget(inventory, target),
    pauses: createInstancePauses(openstack, { clock: steadyClock, sleep }),
    sampleRanges: config.verify.sample_ranges,
  });
  const restoreDeps = restoreDepsOf(config, drivers);
  const kept = expireUndoDeps(catalog, rbd);
  const verifyDeps: Omit<VerifyDeps, 'store' | 'transfers'> = {
    rbd,
    catalog: verifyCatalog(catalog),
    backupsPool: config.backups_pool,
  };
  // The rows hold what the requests of this same program wrote; its types are the schema.
  return {
    backup: async (job, context) => {
      const target = job.target as unknown as BackupJobTarget;
      // What an earlier attempt has begun is in the store that had the name then.
      const { storeId } = job.plan as Partial<BackupPlan>;
      const of = storeId === undefined ? await named(target.store) : await ofId(storeId);
      const result = await runBackup(backupDeps(of), target, context as JobContext<BackupPlan>);
      await expireUndos(kept, context);
      return { ...result };
    },
    restore: async (job, context) => {
      const options = toRestoreOptions(job.target as unknown as RestoreJobTarget);
      const point = await catalog.points.get(options.pointId);
      const of = point === undefined ? await named() : await ofId(point.storeId);
      const result = await runRestore({ ...restoreDeps, ...of }, options, context as JobContext<RestorePlan>);
      const isInPlace = result.disks.some((disk) => (disk.keptImage ?? disk.keptSnapshot) !== undefined);
      if (isInPlace) await expireUndos(kept, context);
      return { ...result };
    },
    undo: async (job, context) => {
      const deps = { ...restoreDeps, catalog: undoCatalog(catalog) };
      const target = job.target as unknown as UndoJobTarget;
      return { ...(await runUndo(deps, target, context as JobContext<UndoPlan>)) };
    },
    expire: async (job, context) => {
      const { storeId } = job.target as unknown as ExpireJobTarget;
      const of = storeId === undefined ? await named() : await ofId(storeId);
      const deps: ExpireDeps = { ...of, now: earlierNow(catalog), rbd, catalog };
      const options = toExpireOptions(job, of.store.storeId);
      return { ...(await runExpire(deps, options, context as JobContext<ExpirePlan>)) };
    },
    rebuild: async (job, context) => {
      const store = await stores.open((job.target as unknown as RebuildJobTarget).store);
      const deps = { store, catalog: rebuildCatalog(catalog, store.storeId) };
      const options = { dryRun: job.target['dryRun'] === true };
      return { ...(await runRebuild(deps, options, context as JobContext<RebuildPlan>)) };
    },
    reconcile: async (job, context) => {
      const options = toReconcileOptions(job);
      const deps = reconcileDeps(config, drivers);
      const result = await runReconcile(deps, options, context as JobContext<ReconcilePlan>);
      if (!options.dryRun) await expireUndos(kept, context);
      return { ...result };
    },
    verify: async (job, context) => {
      const { level, ...scope } = job.target as unknown as VerifyJobTarget;
      const all = stores.names.map((name) => ({
        name,
        idOf: () => stores.idOf(name),
        open: async () => ({ ...verifyDeps, ...(await named(name)) }),
      }));
      const deps = { ...verifyDeps, stores: all };
      return { ...(await runVerify(deps, { level, scope }, context as JobContext<VerifyPlan>)) };
    },
  };
}

/** A store and the width of what is written to it or read from it. */
interface StoreDeps {
  store: BackupStore;
  transfers: Transfers;
}

interface StoreAccess {
  /** The default one without a name. */
  named: (name?: string) => Promise<StoreDeps>;
  ofId: (storeId: string) => Promise<StoreDeps>;
}

function storeAccess(
  { storeList }: AppConfig,
  { stores, catalog }: RunnerDrivers,
  transfers: TransferSlots,
): StoreAccess {
  const withTransfers = (store: BackupStore, name: string | undefined): StoreDeps => {
    const disks = storeList.find((one) => one.name === name)?.disks;
    return { store, transfers: transfers.of({ storeId: store.storeId, disks }) };
  };
  return {
    named: async (name = stores.defaultName) => withTransfers(await stores.open(name), name),
    ofId: async (storeId) => {
      const store = await stores.ofId(storeId);
      return withTransfers(store, (await catalog.stores.get(storeId))?.name);
    },
  };
}

function restoreDepsOf(
  config: AppConfig,
  { rbd, catalog, openstack, inventory }: RunnerDrivers,
): Omit<RestoreDeps, keyof StoreDeps> {
  return {
    clock: systemClock,
    rbd,
    catalog: restoreCatalog(catalog, config.restore.undo_days),
    cloud: restoreCloud(openstack, rbd, inventory.placement),
    instances: createInstanceCloud(openstack),
    backupsPool: config.backups_pool,
  };
}
