import type { ErrorCode } from '../../base/errors.ts';
import type { Disk, ImageLocation } from '../../domain/disk.ts';
import type { RestoreMode } from '../../domain/restore.ts';
import type { InstancePlan } from './instance/plan.ts';
import type { HolderPlan, SwapPlan, WriteBackPlan } from './in-place/plan.ts';

/** What a restore will do and has done, recorded before each step (I9); JSON in the catalog. */
export interface RestorePlan {
  restoreId: string;
  pointId: string;
  mode: RestoreMode;
  /** Links are imported one by one, as by hand, instead of flattened; absent means no. */
  plain?: boolean;
  /** For `in-place`: the instance that has the disks. */
  holder?: HolderPlan;
  /** For `in-place`: the other instances that have one of them (multiattach). */
  coHolders?: HolderPlan[];
  /**
   * Why what was done is being taken back. Once it is, nobody goes on with the restore: an attempt that comes after a kill
   * takes back the rest.
   */
  failed?: { code: ErrorCode; message: string };
  /** For `in-place`, of one that failed: its disks are what they were, and are not touched any more. */
  isBack?: boolean;
  disks: RestoreDiskPlan[];
  /** For `instance`. */
  instance?: InstancePlan;
}

export interface RestoreDiskPlan {
  /** The disk as it was at the point. */
  disk: Disk;
  /** The full and the increments on it, as they were when this was planned. */
  linkIds: string[];
  sizeBytes: number;
  objectSizeBytes: number;
  /** The fresh image; its name holds the restore's id, so that one left by a crash is known as ours. */
  fresh: ImageLocation;
  /** Images that it was given up for, because a program of a dead worker had them open; removed at the end. */
  abandoned?: ImageLocation[];
  /** All links are in the fresh image and it was verified. */
  imported: boolean;
  /** Bytes of the stream that was imported; absent when an earlier attempt had done it. */
  importedBytes?: number;
  /** For `volume` and `replace`. */
  volume?: VolumePlan;
  /** For `replace`. */
  replacement?: ReplacementPlan;
  /** For `in-place`, unless it is written back. */
  swap?: SwapPlan | undefined;
  /** For `in-place`, when something hangs on the image that is there. */
  writeBack?: WriteBackPlan;
  notes: string[];
}

export interface VolumePlan {
  projectId: string;
  name: string;
  description?: string;
  sizeGib: number;
  volumeType: string;
  /** Cinder's `host@backend#pool` that takes the image over. */
  cinderHost: string;
  /** Where the image must be for that backend; another pool than the fresh image's means that it is moved. */
  location: ImageLocation;
  availabilityZone?: string;
  bootable: boolean;
  /** Of an encrypted volume: the key that the new one must have, and with which Cinder makes it empty first. */
  encryptionKeyId?: string;
  metadata: Record<string, string>;
  imageMetadata: Record<string, string>;
  moved: boolean;
  /** Set once Cinder has it. */
  newVolumeId?: string;
}

export interface ReplacementPlan {
  instanceId: string;
  oldVolumeId: string;
  device?: string;
  tag?: string;
  deleteOnTermination: boolean;
  /** False when the old volume was not attached any more: the new one is attached, nothing is detached. */
  oldWasAttached: boolean;
  detached: boolean;
  attached: boolean;
}
