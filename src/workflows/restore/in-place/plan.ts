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

/** The instance whose disks are swapped: stopped and locked from `held` on, until it is released. */
export interface HolderPlan {
  projectId: string;
  instanceId: string;
  /** As they were just before it was held. */
  wasRunning: boolean;
  wasLocked: boolean;
  held: boolean;
  /** It is back as it was; absent means no. */
  released?: boolean;
}
