import type { ImageLocation } from '../../../domain/disk.ts';
import type { Rbd } from '../../../drivers/ceph/rbd.ts';

/** What a restore in place asks of Ceph beyond what every restore does. */
export type InPlaceRbd = Pick<
  Rbd,
  | 'renameImage'
  | 'settleNames'
  | 'listChildren'
  | 'setImageMark'
  | 'clearImageMark'
  | 'disableFeatures'
  | 'createSnapshot'
  | 'exportDiff'
>;

/** The cloud as a restore in place needs it; every call acts in the project that is named. */
export interface InPlaceCloud {
  /** undefined when it is gone. */
  instanceState(projectId: string, instanceId: string): Promise<InstanceNow | undefined>;
  /** The tenant can neither start nor delete it; the service still can. Repeatable. */
  lockInstance(projectId: string, instanceId: string, reason: string): Promise<void>;
  unlockInstance(projectId: string, instanceId: string): Promise<void>;
  /** Returns when it is off. */
  stopInstance(projectId: string, instanceId: string): Promise<void>;
  /** Returns when it runs. */
  startInstance(projectId: string, instanceId: string): Promise<void>;
  /** undefined when it is gone. */
  volumeNow(projectId: string, volumeId: string): Promise<VolumeNow | undefined>;
}

export interface InstanceNow {
  /** ACTIVE, SHUTOFF, ... */
  status: string;
  /** What Nova is doing with it; undefined when nothing. */
  taskState: string | undefined;
  locked: boolean;
}

export interface VolumeNow {
  status: string;
  sizeGib: number;
  multiattach: boolean;
  encryptionKeyId: string | undefined;
  metadata: Record<string, string>;
  /** Ids of the instances that it is attached to. */
  attachedTo: string[];
  /** Cinder's own snapshots, by name or id. */
  snapshots: string[];
  location: ImageLocation;
}
