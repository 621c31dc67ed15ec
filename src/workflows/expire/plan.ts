import type { ImageLocation } from '../../domain/disk.ts';

/** What an expiry will do and has done, recorded before each step (I9); JSON in the catalog. */
export interface ExpirePlan {
  /** Disks that are locked: all that the source's points have or had. */
  diskKeys: string[];
  /** Points to be deleted. */
  pointIds: string[];
  /** The points are gone from the catalog and from the store: from here on nothing needs their links. */
  deleted: boolean;
  /** Images that carry a snapshot which only a deleted point needed. */
  releases: SnapshotRelease[];
  released: boolean;
  /** Links that nothing stands on, in the order of their removal. */
  drops: string[];
  /** Their size in the store. */
  dropBytes: number;
  dropped: boolean;
  folds: FoldStep[];
  stays: { linkId: string; reason: string }[];
  /** Bytes of links that are gone from the store, less those of what was made of them. */
  freedBytes: number;
  /** The first damage that a fold met (I8); the job goes on with the other folds and then fails of it. */
  damage?: { code: string; message: string };
}

export interface SnapshotRelease {
  diskKey: string;
  location: ImageLocation;
  imageId: string;
}

export interface FoldStep {
  diskKey: string;
  /** Unneeded links in the order of the chain and, last, the needed one. */
  linkIds: string[];
  newLinkId: string;
  /** Size of the run in the store. */
  storedBytes: number;
  /**
   * `begun`: the new link may be in the store, and manifests there may name it; `committed`: the catalog names it, the
   * old links may still be in the store; `left`: it was not to be, and what it had begun was undone.
   */
  state: 'planned' | 'begun' | 'committed' | 'done' | 'left';
}
