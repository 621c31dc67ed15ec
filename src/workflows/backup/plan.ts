import type { ErrorCode } from '../../base/errors.ts';
import type { Disk } from '../../domain/disk.ts';
import type { InstanceDescription } from '../../domain/instance.ts';
import type { Consistency, PointKind, SnapshotIdentity, SourceImage } from '../../domain/manifest.ts';

/**
 * What a backup will do and has done, recorded before each step (I9). It is JSON in the catalog: dates are
 * milliseconds since the epoch, and an attempt that finds a field set does not do that step again.
 */
export interface BackupPlan {
  pointId: string;
  /** Where its links and point are written; absent in plans of when there was only one. */
  storeId?: string;
  kind: PointKind;
  sourceId: string;
  sourceName: string;
  projectId: string | null;
  instance?: InstanceDescription;
  disks: DiskPlan[];
  /** What the snapshots turned out to be; absent: `crash`. */
  consistency?: Consistency;
  pausedMs?: number;
  /** `asked` before Nova is asked to pause the instance, `over` once it runs again. */
  pause?: 'asked' | 'over';
  /** The point is in the store and in the catalog: from here on nothing is undone. */
  committed: boolean;
  /** Set once samples of the source were compared with the store. */
  sampled?: SampleFinding;
}

export interface SampleFinding {
  /** Objects that were compared, all disks together. */
  objects: number;
  /** The first that differed; its link is marked. */
  fault?: { code: ErrorCode; message: string; linkId: string };
}

export interface DiskPlan {
  disk: Disk;
  linkId: string;
  /** Chosen before the snapshot exists, so that one left by a crash is known as ours. */
  snapshotName: string;
  snapshot?: TakenSnapshot;
}

export interface TakenSnapshot {
  identity: SnapshotIdentity;
  source: SourceImage;
  /** When `rbd snap create` was started and had returned: the snapshot's instant lies between. */
  startedMs: number;
  finishedMs: number;
}
