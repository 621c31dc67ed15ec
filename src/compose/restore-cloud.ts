import type { Rbd } from '../drivers/ceph/rbd.ts';
import type { OpenStack } from '../drivers/openstack/openstack.ts';
import { createRestoreCloud } from '../drivers/openstack/restore-cloud.ts';
import type { RestoreCloud } from '../workflows/restore/deps.ts';

/** Nova and Cinder as a restore needs them; Cinder's pools are matched to our clusters by their fsid. */
export function restoreCloud(
  openstack: OpenStack,
  rbd: Pick<Rbd, 'clusterNames' | 'clusterId'>,
): RestoreCloud {
  const names = new Map<string, string>();
  const cloud = createRestoreCloud(openstack, {
    locate: ({ rbd: location }) => {
      const cluster = names.get(location?.fsid ?? '');
      return location === undefined || cluster === undefined ? undefined : { cluster, pool: location.pool };
    },
  });
  return {
    ...cloud,
    // Asked here and not at the start, so that a cluster that is away does not keep the service from starting.
    listBackends: async () => {
      for (const cluster of rbd.clusterNames()) names.set(await rbd.clusterId(cluster), cluster);
      return await cloud.listBackends();
    },
  };
}
