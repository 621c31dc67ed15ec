/**
 * A disk is one RBD image that belongs to an instance or stands alone. Where it lives is a fact of one instant
 * (a retype moves it, Cinder then names it by the volume's name_id), so its identity is the key, never the image.
 */
export interface ImageLocation {
  /** Name of the cluster in the configuration, not its fsid. */
  cluster: string;
  pool: string;
  image: string;
}

export type DiskKind = 'volume' | 'nova-disk' | 'image';

/** Stable name of a disk over its whole life: `volume:<uuid>`, `nova:<image in the Nova pool>`, `image:<cluster>/<pool>/<image>`. */
export type DiskKey = `volume:${string}` | `nova:${string}` | `image:${string}`;

export interface Disk {
  key: DiskKey;
  kind: DiskKind;
  location: ImageLocation;
  /** What a volume was, so that a restore can make it again; undefined for other kinds. */
  volume?: VolumeDescription;
  /** How the disk hangs on its instance; undefined for a lone disk. */
  attachment?: AttachmentDescription;
}

export interface VolumeDescription {
  id: string;
  name: string;
  description?: string;
  projectId: string;
  /** Cinder's size, GiB; the image may be larger (LUKS header) but is never smaller. */
  sizeGib: number;
  volumeType?: string;
  /** `host@backend#pool` as Cinder's os-vol-host-attr:host shows it. */
  host?: string;
  availabilityZone?: string;
  bootable: boolean;
  encrypted: boolean;
  encryptionKeyId?: string;
  multiattach: boolean;
  metadata: Record<string, string>;
  imageMetadata: Record<string, string>;
}

export interface AttachmentDescription {
  instanceId: string;
  /** Device name that Nova shows, a hint only: libvirt chooses its own. */
  device?: string;
  tag?: string;
  deleteOnTermination: boolean;
  isRoot: boolean;
  bootIndex?: number;
}

export function volumeDiskKey(volumeId: string): DiskKey {
  return `volume:${volumeId}`;
}

/** Nova names its own images `<instance id>_disk`, `<instance id>_disk.eph0` and so on. */
export function novaDiskKey(image: string): DiskKey {
  return `nova:${image}`;
}

export function imageDiskKey({ cluster, pool, image }: ImageLocation): DiskKey {
  return `image:${cluster}/${pool}/${image}`;
}

export function formatLocation({ pool, image }: ImageLocation): string {
  return `${pool}/${image}`;
}
