import type { ImageLocation } from '../../../domain/disk.ts';

/** How one disk goes back to the point under its own name; part of the recorded plan (I9). */
export interface SwapPlan {
  /** Whose the disk is; undefined for a bare image. */
  projectId?: string;
  /** Instance that the disk hangs on now. */
  instanceId?: string;
  /** The disk's image: its name never changes for whoever uses it. */
  target: ImageLocation;
  /** The restored image, in the target's pool; the fresh image itself when that is the backups pool. */
  staged: ImageLocation;
  /** Where the image that was there is kept. */
  kept: ImageLocation;
  /** RBD's ids of the image that was there and of the restored one, recorded before the first renaming. */
  ids?: { before: string; restored: string };
  swapped: boolean;
}

/**
 * How one disk goes back to the point in its own image, because snapshots or clones hang on that; part of the recorded
 * plan (I9).
 */
export interface WriteBackPlan {
  /** Whose the disk is; undefined for a bare image. */
  projectId?: string;
  /** Instance that the disk hangs on now. */
  instanceId?: string;
  /** The disk's image. */
  target: ImageLocation;
  /** The restored image, whose bytes are written; it is removed afterwards. */
  source: ImageLocation;
  /** Recorded before the first snapshot. */
  begun?: BegunParts;
  /** RBD's id of the safety snapshot, once it is taken. */
  safetyId?: number;
  /** The image was read back and is the point. */
  written: boolean;
}

export interface BegunParts {
  /** RBD's id of the target. */
  imageId: string;
  /** Size that the image gets, bytes. */
  sizeBytes: number;
  /** Snapshot of what was there before; it stays until the undo expires. */
  safety: string;
  /** Snapshot of what is there while that comes back. */
  before: string;
}

/** An instance whose disks are put back: stopped and locked from `held` on, until it is released. */
export interface HolderPlan {
  projectId: string;
  instanceId: string;
  /** As they were just before it was held. */
  wasRunning: boolean;
  wasLocked: boolean;
  held: boolean;
  /** As it was before an earlier job that stopped and locked it, and failed. */
  left?: Pick<HolderPlan, 'wasRunning' | 'wasLocked'>;
  /** It is back as it was; absent means no. */
  released?: boolean;
}
