import type { PointRow } from '../../drivers/catalog/types.ts';
import type { PointFound, VerificationTotals } from '../../drivers/catalog/verifications.ts';
import type { Rbd } from '../../drivers/ceph/rbd.ts';
import type { BackupStore } from '../../drivers/store/backup-store.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import type { VerificationLevel, VerificationScope } from '../../domain/verification.ts';
import type { ImportChainDeps } from '../import-chain.ts';
import type { Transfers } from '../run-disks.ts';

/** What a restore's import needs, since that is what a deep verification proves, and what reads the result back. */
/** Of the whole job; each store is opened when its points come. */
export interface VerifyJobDeps extends Omit<VerifyDeps, 'store' | 'transfers'> {
  stores: readonly VerifyStore[];
}

export interface VerifyStore {
  name: string;
  /** undefined for one that was never there, hence has no points. */
  idOf(): Promise<string | undefined>;
  /** Rejects while it is away. */
  open(): Promise<VerifyDeps>;
}

export interface VerifyDeps {
  rbd: ImportChainDeps['rbd'] &
    Pick<
      Rbd,
      'checkPool' | 'clusterId' | 'findImage' | 'createImage' | 'readImageMark' | 'removeImage' | 'exportDiff'
    >;
  store: ImportChainDeps['store'] & Pick<BackupStore, 'storeId' | 'inspectLink'>;
  catalog: VerifyCatalog;
  /** Where scratch images are made. */
  backupsPool: { cluster: string; pool: string };
  transfers: Transfers;
}

export interface VerifyCatalog {
  /** From the full to the link itself. */
  chainOf(linkId: string): Promise<LinkManifest[]>;
  /** I8: marks the link, and exactly the points that need it. */
  markLinkDamaged(linkId: string, reason: string): Promise<void>;
  findPoint(pointId: string): Promise<PointRow | undefined>;
  /** The next points of the scope in a store that this job has not passed, oldest first. */
  nextPoints(jobId: string, scope: VerificationScope, storeId: string, limit: number): Promise<PointRow[]>;
  /** About what a full or deep verification of them deals with. */
  bytesToVerify(
    jobId: string,
    scope: VerificationScope,
    storeId: string,
    level: VerificationLevel,
  ): Promise<number>;
  /** undefined only passes it by: what it was found to be before stays. */
  recordPoint(pointId: string, jobId: string, found: PointFound | undefined): Promise<void>;
  recordLink(linkId: string, jobId: string): Promise<void>;
  isLinkVerified(linkId: string, jobId: string): Promise<boolean>;
  totals(jobId: string): Promise<VerificationTotals>;
}
