/** Job rows to workflow runs. */
import { systemClock } from '../base/clock.ts';
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
import type { RebuildPlan } from '../workflows/rebuild/run.ts';
import type { ReconcilePlan } from '../workflows/reconcile/report.ts';
import { runReconcile } from '../workflows/reconcile/run.ts';
import { runRebuild } from '../workflows/rebuild/run.ts';
import type { VerifyDeps } from '../workflows/verify/deps.ts';
import type { VerifyPlan } from '../workflows/verify/plan.ts';
import type { VerifyJobTarget } from '../workflows/verify/request.ts';
import { runVerify } from '../workflows/verify/run.ts';
import { backupCatalog, restoreCatalog } from './catalog-ports.ts';
import { toExpireOptions } from './expire-options.ts';
import { rebuildCatalog } from './rebuild-ports.ts';
import { reconcileDeps, toReconcileOptions } from './reconcile-ports.ts';
import { restoreCloud } from './restore-cloud.ts';
import { TransferSlots } from './transfer-slots.ts';
import { expireUndoDeps, expireUndos, undoCatalog } from './undo-ports.ts';
import { verifyCatalog } from './verify-ports.ts';

export interface RunnerDrivers {
  rbd: Rbd;
  store: BackupStore;
  catalog: Catalog;
  locks: Locks;
  openstack: OpenStack;
  inventory: InventoryDeps;
}

export function createRunners(config: AppConfig, drivers: RunnerDrivers): Record<JobKind, JobRunner> {
  const { rbd, store, catalog, openstack, inventory } = drivers;
  const transfers = new TransferSlots(
    {
      disks: config.limits.disks,
      disksPerPool: config.limits.disks_per_pool,
      disksPerStore: config.limits.disks_per_store,
    },
    { locks: drivers.locks, storeId: store.storeId },
  );
  const backupDeps: BackupDeps = {
    clock: systemClock,
    rbd,
    store,
    catalog: backupCatalog(catalog),
    describeTarget: (target) => describeTarget(inventory, target),
    pauses: createInstancePauses(openstack, { clock: systemClock, sleep }),
    transfers,
    sampleRanges: config.verify.sample_ranges,
  };
  const restoreDeps = restoreDepsOf(config, drivers, transfers);
  const kept = expireUndoDeps(catalog, rbd);
  const verifyDeps: VerifyDeps = {
    rbd,
    store,
    catalog: verifyCatalog(catalog, store.storeId),
    backupsPool: config.backups_pool,
    transfers,
  };
  const expireDeps: ExpireDeps = {
    clock: systemClock,
    rbd,
    store,
    catalog,
    transfers,
  };
  // The rows hold what the requests of this same program wrote; its types are the schema.
  return {
    backup: async (job, context) => {
      const target = job.target as unknown as BackupJobTarget;
      const result = await runBackup(backupDeps, target, context as JobContext<BackupPlan>);
      await expireUndos(kept, context);
      return { ...result };
    },
    restore: async (job, context) => {
      const options = toRestoreOptions(job.target as unknown as RestoreJobTarget);
      const result = await runRestore(restoreDeps, options, context as JobContext<RestorePlan>);
      const isInPlace = result.disks.some((disk) => (disk.keptImage ?? disk.keptSnapshot) !== undefined);
      if (isInPlace) await expireUndos(kept, context);
      return { ...result };
    },
    undo: async (job, context) => {
      const deps = { ...restoreDeps, catalog: undoCatalog(catalog) };
      const target = job.target as unknown as UndoJobTarget;
      return { ...(await runUndo(deps, target, context as JobContext<UndoPlan>)) };
    },
    expire: async (job, context) => ({
      ...(await runExpire(expireDeps, toExpireOptions(job), context as JobContext<ExpirePlan>)),
    }),
    rebuild: async (job, context) => {
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
      return { ...(await runVerify(verifyDeps, { level, scope }, context as JobContext<VerifyPlan>)) };
    },
  };
}

function restoreDepsOf(
  config: AppConfig,
  { rbd, store, catalog, openstack, inventory }: RunnerDrivers,
  transfers: TransferSlots,
): RestoreDeps {
  return {
    clock: systemClock,
    rbd,
    store,
    catalog: restoreCatalog(catalog, config.restore.undo_days),
    cloud: restoreCloud(openstack, rbd, inventory.placement),
    instances: createInstanceCloud(openstack),
    backupsPool: config.backups_pool,
    transfers,
  };
}
