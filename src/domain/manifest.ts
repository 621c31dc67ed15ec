import type { Disk } from './disk.ts';
import type { InstanceDescription } from './instance.ts';

/**
 * What the store says of itself: docs/design/format.md is the specification, this file its types.
 * Manifests are JSON, written last (I1), hold no secret (I10), and readers refuse a newer `version`.
 */
export const formatVersion = 1;

export interface SnapshotIdentity {
  name: string;
  /** Ceph's snapshot id: a snapshot recreated under the same name has another one (I3). */
  id: number;
}

/** The RBD image as it was when the link was taken. */
export interface SourceImage {
  /** fsid of the cluster; a name in a configuration can come to mean another cluster. */
  clusterId: string;
  cluster: string;
  pool: string;
  image: string;
  /** RBD's internal image id: an image recreated under the same name has another one (I3). */
  imageId: string;
  /** Size at the to-snapshot, bytes. */
  sizeBytes: number;
  objectSizeBytes: number;
  features: string[];
}

/** A link's data key, encrypted with one master key; the members are base64. */
export interface WrappedDataKey {
  masterKeyId: string;
  nonce: string;
  /** Ciphertext and tag, 48 bytes. */
  wrappedKey: string;
}

export interface LinkEncryption {
  cipher: 'aes-256-gcm';
  /** Number 1 is always there and seals the index; each may be wrapped by several master keys, any of which opens it. */
  dataKeys: { number: number; wrapped: WrappedDataKey[] }[];
}

export interface LinkManifest {
  format: 'emberkeep-link';
  version: 1;
  linkId: string;
  pointId: string;
  diskKey: string;
  kind: 'full' | 'increment';
  /** Id of the chain: that of the full which it began with, kept when that full is folded into a later link. */
  chainId: string;
  /** Link that this one is the difference from; null for a full. */
  parentLinkId: string | null;
  /** 0 for a full, else greater than the parent's: 1 more, until links between them are folded. */
  depth: number;
  /** Why a new chain began here, in words (I3); null for an increment. */
  fullReason: string | null;
  createdAt: string;
  source: SourceImage;
  fromSnapshot: SnapshotIdentity | null;
  toSnapshot: SnapshotIdentity;
  codec: { compression: 'zstd'; encryption: 'none' | LinkEncryption };
  segments: {
    count: number;
    /** Upper bound of one segment's plain bytes, so that a reader knows its memory beforehand. */
    maxPlainBytes: number;
    /** Bytes of the plain rbd diff stream, all segments together. */
    plainBytes: number;
    /** Bytes of the segment objects as stored. */
    storedBytes: number;
  };
  index: { key: string; storedBytes: number; sha256: string; extents: number };
  /** Bytes in `w` records (after zero elimination) and bytes covered by `z` records. */
  content: { dataBytes: number; zeroBytes: number };
}

/** One disk of a point: which link ends at it, and what the disk was. */
export interface PointDisk {
  disk: Disk;
  linkId: string;
  sizeBytes: number;
}

export type PointKind = 'instance' | 'volume' | 'image';

/**
 * What the disks of a point hold, seen from the guest:
 * - `crash`: what a power cut would have left; the snapshots lie `spreadMs` apart.
 * - `paused`: the same of one instant: the guest stood still while all snapshots were taken.
 */
export const consistencies = ['crash', 'paused'] as const;
export type Consistency = (typeof consistencies)[number];

export interface PointManifest {
  format: 'emberkeep-point';
  version: 1;
  pointId: string;
  storeId: string;
  kind: PointKind;
  /** Instance or volume id, or `cluster/pool/image`. */
  sourceId: string;
  sourceName: string;
  /** Owner in OpenStack; null for a bare image. */
  projectId: string | null;
  /** The instant of the first snapshot, ISO 8601 UTC. */
  takenAt: string;
  /** Time between the first and the last snapshot of the point, milliseconds. */
  spreadMs: number;
  consistency: Consistency;
  /**
   * How long the backup had the instance paused, milliseconds: from the request until Nova said that it runs again, so
   * the guest stood still at most so long. Absent when the backup paused nothing, also when the instance was paused already.
   */
  pausedMs?: number;
  /** Present when kind is `instance`. */
  instance?: InstanceDescription;
  disks: PointDisk[];
}
