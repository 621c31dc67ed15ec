import type { Clock } from '../../base/clock.ts';
import type { CycleRule } from '../../domain/chain.ts';
import type { ImageLocation } from '../../domain/disk.ts';
import type { Consistency, LinkManifest, PointManifest } from '../../domain/manifest.ts';
import type { DescribedTarget, ResolvedTarget } from '../../domain/target.ts';
import type { Rbd } from '../../drivers/ceph/rbd.ts';
import type { InstancePauses } from '../../drivers/openstack/instance-pause.ts';
import type { BackupStore } from '../../drivers/store/backup-store.ts';
import type { Transfers } from '../run-disks.ts';

/** A disk that a restore wrote into, and could neither finish nor take back. */
export interface HalfWrittenDisk {
  restoreId: string;
  target: ImageLocation;
  /** Snapshot of what was there before: as long as there is one, nobody has mended the disk by hand. */
  safety: string;
}

export interface BackupDeps {
  clock: Clock;
  /** For how far snapshots are apart and how long an instance stood still. */
  steadyClock: Clock;
  rbd: Pick<
    Rbd,
    | 'clusterId'
    | 'checkPool'
    | 'findImage'
    | 'listSnapshots'
    | 'findSnapshots'
    | 'createSnapshot'
    | 'removeSnapshot'
    | 'exportDiff'
    | 'openObjects'
    | 'listTrash'
    | 'listTrashSnapshots'
    | 'removeTrashSnapshot'
    | 'removeFromTrash'
  >;
  store: Pick<
    BackupStore,
    | 'storeId'
    | 'writeLink'
    | 'readLinkManifest'
    | 'checkLink'
    | 'removeLink'
    | 'writePoint'
    | 'removePoint'
    | 'openLinkIndex'
    | 'readChain'
  >;
  catalog: BackupCatalog;
  describeTarget(target: ResolvedTarget): Promise<DescribedTarget>;
  pauses: InstancePauses;
  /** Width of this worker's exports, all jobs together. */
  transfers: Transfers;
  /** Objects of each disk that are compared with the store after an increment; 0 compares none. */
  sampleRanges: number;
}

export interface BackupCatalog {
  /** Newest complete link of a disk in the store that is backed up to. */
  latestLink(diskKey: string): Promise<LinkManifest | undefined>;
  /** Where the disk was backed up last, when that is another store; for what is said of a first full. */
  newestElsewhere(diskKey: string): Promise<string | undefined>;
  /** Snapshots that the disk's next increments stand on, in whichever stores (I4). */
  neededSnapshots(diskKey: string): Promise<{ storeId: string; name: string }[]>;
  /** Why the disk's newest link there is damaged: then what is before it is not gone on with (I8). */
  newestDamage(diskKey: string): Promise<string | undefined>;
  /** From the full to the link itself. */
  chainOf(linkId: string): Promise<LinkManifest[]>;
  /** The point and its links in one transaction; a second time changes nothing. */
  commitPoint(jobId: string, point: PointManifest, links: LinkManifest[]): Promise<void>;
  /** When the source's newest complete point was taken; undefined without one. */
  newestTakenAt(source: Pick<PointManifest, 'kind' | 'sourceId'>): Promise<Date | undefined>;
  /** Whether the catalog has the point, in whatever state: then it is no longer the job's to take back. */
  hasPoint(pointId: string): Promise<boolean>;
  markLinkDamaged(linkId: string, reason: string): Promise<void>;
  snapshotReleased(name: string): Promise<void>;
  /** Whether this service took the snapshot: what it did not take is not ours to touch (I4). */
  ownsSnapshot(name: string): Promise<boolean>;
  /** Restore or undo that has begun to write into the image of one of the disks, and has not ended. */
  writingBack(diskKeys: readonly string[]): Promise<string | undefined>;
  /** Those of the disks whose restore in place has failed, and whose way back has too. */
  halfWritten(diskKeys: readonly string[]): Promise<HalfWrittenDisk[]>;
}

export interface BackupOptions {
  target: ResolvedTarget;
  forceFull: boolean;
  cycle: CycleRule;
  /** `paused` for instances only; undefined means `crash`. */
  consistency?: Consistency | undefined;
  /** MiB a second that the exports of all its disks together may take; undefined: as fast as the service may. */
  bandwidthMib?: number | undefined;
}
