import type { Rbd } from '../../drivers/ceph/rbd.ts';
import type { Cinder } from '../../drivers/openstack/cinder.ts';
import type { Glance } from '../../drivers/openstack/glance.ts';
import type { Neutron } from '../../drivers/openstack/neutron.ts';
import type { Nova } from '../../drivers/openstack/nova.ts';

/** Clusters and pools of the configuration, as values. */
export interface Placement {
  /** Cinder's backend (the part of the volume's host after `@`) to where its images live. */
  backends: Readonly<Record<string, PoolLocation>>;
  /** Pool of backends that are not named. */
  volumesPool: PoolLocation;
  novaPool: PoolLocation;
}

export interface PoolLocation {
  cluster: string;
  pool: string;
}

export interface InventoryDeps {
  /** As the service user, who may look into every project. */
  nova: Pick<Nova, 'findServers' | 'listServersPage' | 'listServerIds' | 'describeAttachments' | 'getServer'>;
  cinder: Pick<Cinder, 'getVolume' | 'listVolumes' | 'listVolumesPage' | 'findVolumes'>;
  /** For instances that boot from an image. */
  glance?: Pick<Glance, 'getImage'>;
  neutron?: Pick<Neutron, 'listPorts' | 'listSecurityGroups'>;
  rbd: Rbd;
  placement: Placement;
}
