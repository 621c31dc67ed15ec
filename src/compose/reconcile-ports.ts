import { steadyClock, systemClock } from '../base/clock.ts';
import { sleep } from '../base/retry.ts';
import type { AppConfig } from '../config.ts';
import { restoreMark } from '../domain/restore-mark.ts';
import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { Locks } from '../drivers/catalog/locks.ts';
import type { Rbd } from '../drivers/ceph/rbd.ts';
import { createInstancePauses } from '../drivers/openstack/instance-pause.ts';
import { createMarkedVolumes } from '../drivers/openstack/marked-volumes.ts';
import type { OpenStack } from '../drivers/openstack/openstack.ts';
import type { JobRow } from '../drivers/catalog/types.ts';
import type { ReconcileDeps } from '../workflows/reconcile/deps.ts';
import type { ReconcileJobTarget } from '../workflows/reconcile/request.ts';
import type { ReconcileOptions } from '../workflows/reconcile/run.ts';
import type { Stores } from './stores.ts';

interface ReconcileDrivers {
  rbd: Rbd;
  stores: Stores;
  catalog: Catalog;
  locks: Locks;
  openstack: OpenStack;
}

export function reconcileDeps(
  config: Pick<AppConfig, 'backups_pool' | 'volumes_pool' | 'nova_pool' | 'cinder_backends'>,
  { openstack, stores, ...drivers }: ReconcileDrivers,
): ReconcileDeps {
  return {
    ...drivers,
    stores: stores.names.map((name) => ({ name, open: () => stores.open(name) })),
    clock: systemClock,
    volumes: createMarkedVolumes(openstack, { key: restoreMark }),
    pauses: createInstancePauses(openstack, { clock: steadyClock, sleep }),
    backupsPool: config.backups_pool,
    diskPools: [config.volumes_pool, config.nova_pool, ...Object.values(config.cinder_backends)],
  };
}

/** What a reconciliation's row holds, as its workflow takes it. */
export function toReconcileOptions({ target, requestedBy, requestId }: JobRow): ReconcileOptions {
  const { dryRun } = target as unknown as ReconcileJobTarget;
  return { dryRun, requestedBy, requestId };
}
