import type { Clock } from '../../base/clock.ts';
import type { VolumeDescription } from '../../domain/disk.ts';
import type { LinkManifest, PointManifest } from '../../domain/manifest.ts';
import type { Rbd } from '../../drivers/ceph/rbd.ts';
import type { BackupStore } from '../../drivers/store/backup-store.ts';
import type { Transfers } from '../run-disks.ts';
import type { InstanceCloud } from './instance/deps.ts';
import type { InPlaceCloud, InPlaceRbd } from './in-place/deps.ts';
import type { VolumePlan } from './plan.ts';

export interface RestoreDeps {
  clock: Clock;
  rbd: Pick<
    Rbd,
    | 'checkPool'
    | 'findImage'
    | 'showImage'
    | 'listWatchers'
    | 'createImage'
    | 'readImageMark'
    | 'removeImageMark'
    | 'growImage'
    | 'removeImage'
    | 'listSnapshots'
    | 'removeSnapshot'
    | 'importDiff'
    | 'migrationState'
    | 'prepareMigration'
    | 'executeMigration'
    | 'commitMigration'
    | 'abortMigration'
  > &
    InPlaceRbd;
  store: Pick<BackupStore, 'checkLink' | 'openLinkStream' | 'openChainStream'>;
  catalog: RestoreCatalog;
  cloud: RestoreCloud;
  /** For mode `instance`. */
  instances: InstanceCloud;
  /** Where fresh images are made. */
  backupsPool: { cluster: string; pool: string };
  /** Width of this worker's imports, all jobs together. */
  transfers: Transfers;
}

export interface RestoreCatalog {
  point(pointId: string): Promise<PointManifest>;
  /** From the full to the link itself. */
  chainOf(linkId: string): Promise<LinkManifest[]>;
  /** I8: marks the link, and exactly the points that need it. */
  markLinkDamaged(linkId: string, reason: string): Promise<void>;
  /** Another job that has begun to change one of these disks in place, and has not ended. */
  changingInPlace(diskKeys: readonly string[], jobId: string): Promise<string | undefined>;
  /** From now on, for as long as the configuration says; a later call changes nothing. */
  allowUndo(restoreId: string): Promise<void>;
}

/** The cloud as a restore needs it; every call acts in the project that is named. */
export interface RestoreCloud extends InPlaceCloud {
  /** Cinder backends that are up, and where their images live. */
  listBackends(): Promise<CinderBackend[]>;
  volumeTypes(projectId: string): Promise<VolumeTypeNow[]>;
  findAttachment(
    projectId: string,
    instanceId: string,
    volumeId: string,
  ): Promise<InstanceAttachment | undefined>;
  /** Attached volume whose metadata has this key and value; the one at the device when there are several. */
  findAttachmentByMark(
    projectId: string,
    instanceId: string,
    mark: { key: string; value: string; device: string | undefined },
  ): Promise<InstanceAttachment | undefined>;
  /** The instance's status, such as ACTIVE; undefined when it is gone. */
  instanceStatus(projectId: string, instanceId: string): Promise<string | undefined>;
  volumeStatus(projectId: string, volumeId: string): Promise<string | undefined>;
  /** Volume of the project whose metadata has this key and value: one that a dead attempt had made. */
  findVolumeByMark(projectId: string, key: string, value: string): Promise<string | undefined>;
  /** Cinder takes the image over; returns when the volume is available. */
  manageVolume(volume: VolumePlan, imageName: string, signal: AbortSignal): Promise<string>;
  /** Cinder makes an empty volume; returns when it is available. */
  createVolume(volume: VolumePlan, signal: AbortSignal): Promise<string>;
  setBootable(projectId: string, volumeId: string, bootable: boolean): Promise<void>;
  setImageMetadata(projectId: string, volumeId: string, metadata: Record<string, string>): Promise<void>;
  deleteVolume(projectId: string, volumeId: string): Promise<void>;
  /** Returns when Cinder says `available`; throws when the guest refuses. */
  detachVolume(projectId: string, instanceId: string, volumeId: string, signal?: AbortSignal): Promise<void>;
  /** Returns when Cinder says `in-use`. */
  attachVolume(projectId: string, request: AttachRequest, signal?: AbortSignal): Promise<void>;
}

export interface VolumeTypeNow {
  name: string;
  /** Of its extra specs: the backend that it asks for. */
  backendName: string | undefined;
  encrypted: boolean;
}

export interface CinderBackend {
  /** `host@backend#pool` */
  host: string;
  /** Cinder's volume_backend_name, what a volume type's extra spec asks for. */
  backendName: string | undefined;
  /** undefined when it keeps its images in a Ceph that the configuration does not know. */
  location: { cluster: string; pool: string } | undefined;
}

export interface InstanceAttachment {
  volumeId: string;
  device: string | undefined;
  tag: string | undefined;
  deleteOnTermination: boolean;
  isRoot: boolean;
}

export interface AttachRequest {
  instanceId: string;
  volumeId: string;
  device?: string;
  tag?: string;
  deleteOnTermination: boolean;
}

export { markOf, restoreMark } from '../../domain/restore-mark.ts';

/** Key of the metadata of an image that was put aside: which restore keeps it for its undo. */
export const undoMark = 'emberkeep_undo';

/**
 * Key of a restored volume's metadata that names the volume it was at first, through any number of restores: the
 * next restore of any point of that volume finds by it what stands in its place now.
 */
export const originMark = 'emberkeep_origin';

export function originOf({ id, metadata }: Pick<VolumeDescription, 'id' | 'metadata'>): string {
  return metadata[originMark] ?? id;
}
