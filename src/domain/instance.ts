/** Everything Nova and its neighbours say of an instance that a rebuild would need. */
export interface InstanceDescription {
  id: string;
  name: string;
  description?: string;
  projectId: string;
  userId?: string;
  status: string;
  /** `host` as Nova's OS-EXT-SRV-ATTR:host shows it (admin only). */
  host?: string;
  availabilityZone?: string;
  keyName?: string;
  userData?: string;
  configDrive?: boolean;
  /** Id of the Glance image that it was booted from; undefined when it boots from a volume. */
  imageId?: string;
  /** What the image says of its guest (hw_*, os_*, ...): a volume that takes the disk's place needs it too. */
  imageProperties?: Record<string, string>;
  flavor: FlavorDescription;
  metadata: Record<string, string>;
  tags: string[];
  securityGroups: string[];
  serverGroups: string[];
  ports: PortDescription[];
}

/** The flavor as embedded in the server (compute >= 2.47), so that it survives the flavor's deletion. */
export interface FlavorDescription {
  originalName: string;
  vcpus: number;
  ramMib: number;
  diskGib: number;
  ephemeralGib: number;
  swapMib: number;
  extraSpecs: Record<string, string>;
}

export interface PortDescription {
  portId: string;
  networkId: string;
  macAddress: string;
  fixedIps: { subnetId: string; ipAddress: string }[];
  /** Neutron's part, absent in points of before it was asked. */
  details?: PortDetails;
}

export interface PortDetails {
  /** The port's own: those of the instance are the ones of all its ports together. */
  securityGroups: { id: string; name: string }[];
  /** False: the port filters nothing and takes no groups. */
  portSecurity: boolean;
  /** `normal`, `direct` (SR-IOV), ... */
  vnicType: string;
  allowedAddressPairs: { ipAddress: string; macAddress?: string }[];
}
