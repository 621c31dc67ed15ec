import type { BorrowedKeyPair } from '../../../drivers/openstack/instance-cloud.ts';

/** The new instance, decided before anything is made; what is not here is taken from the point's manifest. */
export interface InstancePlan {
  projectId: string;
  name: string;
  flavorId: string;
  flavorName: string;
  availabilityZone?: string;
  serverGroupId?: string;
  keyPair?: BorrowedKeyPair;
  /** Empty: no network at all. */
  ports: PortPlan[];
  notes: string[];
  /** Nova may have been asked for it: from here on it is looked for by its mark before another one is made (I9). */
  asked: boolean;
  newInstanceId?: string;
}

export interface PortPlan {
  /** A port that outlived its instance and is free: used as it is, never removed. */
  existingId?: string;
  /** Name of a port that this restore makes; holds the restore's id, so that it is found again. */
  name: string;
  networkId: string;
  macAddress?: string;
  fixedIps: { subnetId: string; ipAddress?: string }[];
  /** undefined where the network takes none. */
  securityGroupIds?: string[];
  portSecurity?: boolean;
  vnicType?: string;
  allowedAddressPairs?: { ipAddress: string; macAddress?: string }[];
}
