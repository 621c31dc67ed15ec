import type { Rbd } from '../drivers/ceph/rbd.ts';
import type { OpenStack } from '../drivers/openstack/openstack.ts';
import { createInstancePower } from '../drivers/openstack/instance-power.ts';
import { createRestoreCloud } from '../drivers/openstack/restore-cloud.ts';
import type { Placement } from '../workflows/inventory/deps.ts';
import { locateVolume } from '../workflows/inventory/locate-volume.ts';
import type { InPlaceCloud } from '../workflows/restore/in-place/deps.ts';
import type { RestoreCloud } from '../workflows/restore/deps.ts';

/** Nova and Cinder as a restore needs them; Cinder's pools are matched to our clusters by their fsid. */
export function restoreCloud(
  openstack: OpenStack,
  rbd: Pick<Rbd, 'clusterNames' | 'clusterId'>,
  placement: Placement,
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
    ...inPlaceCloud(openstack, placement),
    // Asked here and not at the start, so that a cluster that is away does not keep the service from starting.
    listBackends: async () => {
      for (const cluster of rbd.clusterNames()) names.set(await rbd.clusterId(cluster), cluster);
      return await cloud.listBackends();
    },
  };
}

/** A volume's image is looked for where a backup looks for it. */
function inPlaceCloud(openstack: OpenStack, placement: Placement): InPlaceCloud {
  const power = createInstancePower(openstack);
  return {
    ...power,
    volumeNow: async (projectId, volumeId) => {
      const found = await power.volumeNow(projectId, volumeId);
      if (found === undefined) return undefined;
      const { status, attachments, description } = found.volume;
      const { sizeGib, multiattach, encryptionKeyId, metadata } = description;
      return {
        status,
        sizeGib,
        multiattach,
        encryptionKeyId,
        metadata,
        attachedTo: attachments.map(({ serverId }) => serverId),
        snapshots: found.snapshots,
        location: locateVolume(placement, found.volume),
      };
    },
  };
}
