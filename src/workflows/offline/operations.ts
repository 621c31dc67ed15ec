import type { CatRequest } from './cat.ts';
import type { OfflinePoint } from './points.ts';
import type { OfflineRestored, OfflineRestoreRequest } from './restore.ts';
import type { OfflineVerification, OfflineVerifyRequest } from './verify.ts';

/** What can be done with a store alone. */
export interface OfflineOperations {
  /** As an administrator calls the store. */
  description: string;
  /** Where images are made when no cluster is named. */
  defaultCluster: string;
  list: (source: string | undefined) => Promise<OfflinePoint[]>;
  show: (pointId: string) => Promise<OfflinePoint>;
  cat: (request: CatRequest) => Promise<AsyncIterable<Buffer>>;
  restore: (request: OfflineRestoreRequest) => Promise<OfflineRestored>;
  verify: (request: OfflineVerifyRequest) => Promise<OfflineVerification>;
  close: () => void;
}
