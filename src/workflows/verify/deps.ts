import type { VerificationLevel, VerificationScope } from '../../domain/verification.ts';
import type { Rbd } from '../../drivers/ceph/rbd.ts';
import type { PointRow } from '../../drivers/catalog/types.ts';
import type { PointFound, VerificationTotals } from '../../drivers/catalog/verifications.ts';
import type { BackupStore } from '../../drivers/store/backup-store.ts';
import type { RestoreDeps } from '../restore/deps.ts';

/** What a restore's import needs, since that is what a deep verification proves, and what reads the result back. */
export interface VerifyDeps extends Pick<RestoreDeps, 'backupsPool' | 'transfers'> {
  rbd: RestoreDeps['rbd'] & Pick<Rbd, 'exportDiff' | 'clusterId'>;
  store: RestoreDeps['store'] &
    Pick<BackupStore, 'storeId' | 'checkLink' | 'inspectLink' | 'openChainStream'>;
  catalog: RestoreDeps['catalog'] & VerifyCatalog;
}

export interface VerifyCatalog {
  findPoint(pointId: string): Promise<PointRow | undefined>;
  /** The next points of the scope that this job has not passed, oldest first. */
  nextPoints(jobId: string, scope: VerificationScope, limit: number): Promise<PointRow[]>;
  /** About what a full or deep verification of them deals with. */
  bytesToVerify(jobId: string, scope: VerificationScope, level: VerificationLevel): Promise<number>;
  /** undefined only passes it by: what it was found to be before stays. */
  recordPoint(pointId: string, jobId: string, found: PointFound | undefined): Promise<void>;
  recordLink(linkId: string, jobId: string): Promise<void>;
  isLinkVerified(linkId: string, jobId: string): Promise<boolean>;
  totals(jobId: string): Promise<VerificationTotals>;
}
