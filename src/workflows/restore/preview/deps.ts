import type { LinkManifest } from '../../../domain/manifest.ts';
import type { RestoreMode } from '../../../domain/restore.ts';
import type { Catalog } from '../../../drivers/catalog/catalog.ts';
import type { RestoreTiming } from '../../../drivers/catalog/restore-timings.ts';
import type { Rbd } from '../../../drivers/ceph/rbd.ts';
import type { BackupStore } from '../../../drivers/store/backup-store.ts';
import type { RestoreCatalog, RestoreCloud, RestoreDeps } from '../deps.ts';

/** What a plan is made with: all of it only looks. */
export interface PreviewDeps {
  catalog: Pick<Catalog, 'points'> & {
    plans: Pick<RestoreCatalog, 'point' | 'chainOf'>;
    /** Of the disk, in any point. */
    latestLink(diskKey: string): Promise<LinkManifest | undefined>;
    timings(filter: { mode: RestoreMode; projectId: string | undefined }): Promise<RestoreTiming[]>;
  };
  /** The store that a point is in. */
  storeOf(storeId: string): Promise<Pick<BackupStore, 'measureChain'>>;
  rbd: RestoreDeps['rbd'] & Pick<Rbd, 'changedBytes'>;
  cloud: RestoreCloud;
  instances: RestoreDeps['instances'];
  backupsPool: { cluster: string; pool: string };
  /** How long a restore can be undone. */
  undoDays: number;
}
