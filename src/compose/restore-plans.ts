import type { AppConfig } from '../config.ts';
import { createInstanceCloud } from '../drivers/openstack/instance-cloud.ts';
import type { Operations } from '../workflows/operations.ts';
import type { PreviewDeps } from '../workflows/restore/preview/deps.ts';
import { planRestore } from '../workflows/restore/preview/plan-restore.ts';
import { planWaitingRestore } from '../workflows/restore/preview/plan-waiting.ts';
import { restoreCatalog } from './catalog-ports.ts';
import { restoreCloud } from './restore-cloud.ts';
import type { RunnerDrivers } from './runners.ts';

export type RestorePlans = Pick<Operations, 'planRestore' | 'planWaitingRestore'>;

/** Plans look at the cloud as a restore's run does, with the same drivers. */
export function createRestorePlans(config: PlanConfig, drivers: PlanDrivers): RestorePlans {
  const deps = { ...previewDeps(config, drivers), restores: drivers.catalog.restores };
  return {
    planRestore: (caller, request) => planRestore(deps, caller, request),
    planWaitingRestore: (caller, restoreId) => planWaitingRestore(deps, caller, restoreId),
  };
}

type PlanConfig = Pick<AppConfig, 'backups_pool' | 'restore'>;
type PlanDrivers = Omit<RunnerDrivers, 'locks'>;

function previewDeps(
  { backups_pool: backupsPool, restore }: PlanConfig,
  { rbd, stores, catalog, openstack, inventory }: PlanDrivers,
): PreviewDeps {
  const { undo_days: undoDays } = restore;
  return {
    catalog: {
      points: catalog.points,
      plans: restoreCatalog(catalog, undoDays),
      latestLink: async (diskKey) => (await catalog.links.latestForDisk(diskKey))?.manifest,
      timings: (filter) => catalog.restores.timings(filter),
    },
    storeOf: (storeId) => stores.ofId(storeId),
    rbd,
    cloud: restoreCloud(openstack, rbd, inventory.placement),
    instances: createInstanceCloud(openstack),
    backupsPool,
    undoDays,
  };
}
