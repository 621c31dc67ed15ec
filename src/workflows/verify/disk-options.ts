import type { PointDisk } from '../../domain/manifest.ts';
import type { VerificationLevel } from '../../domain/verification.ts';

/** One disk of a point, and how it is verified. */
export interface DiskOptions {
  jobId: string;
  pointDisk: PointDisk;
  /** Number of the disk in its point. */
  index: number;
  level: VerificationLevel;
  signal: AbortSignal;
  /** Bytes that were dealt with since the last call. */
  onRead: (bytes: number) => void;
}
