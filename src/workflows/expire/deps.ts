import type { LinkManifest } from '../../domain/manifest.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { BackupStore } from '../../drivers/store/backup-store.ts';
import type { SweepDeps } from '../sweep-snapshots.ts';
import type { Transfers } from '../run-disks.ts';

/**
 * To when the age of points is counted: the earlier of this host's clock and the database's. One that was set forward makes
 * points look old; that may keep them, never delete them.
 */
export type Now = () => Promise<Date>;

export interface ExpireDeps {
  now: Now;
  rbd: SweepDeps['rbd'];
  store: ExpireStore;
  catalog: ExpireCatalog;
  /** Width of this worker's exports, imports and folds, all jobs together. */
  transfers: Transfers;
}

export interface ExpireStore extends Pick<
  BackupStore,
  | 'storeId'
  | 'checkLink'
  | 'readLinkManifest'
  | 'replaceLinkManifest'
  | 'removeLink'
  | 'readPoint'
  | 'writePoint'
  | 'removePoint'
> {
  foldLinks(request: FoldRequest): Promise<LinkManifest>;
}

export interface FoldRequest {
  /** In the order of the chain; the last one is what they are folded into. */
  links: LinkManifest[];
  /** Id of what comes out. */
  linkId: string;
  signal?: AbortSignal | undefined;
}

/** What decides which points go, and what becomes of their links; the dry run needs nothing else. */
export interface ExpireStatements {
  points: Pick<Catalog['points'], 'list' | 'get'>;
  expiry: Pick<Catalog['expiry'], 'sources' | 'diskKeysOf' | 'linksOf'>;
}

export interface ExpireCatalog extends ExpireStatements {
  expiry: Catalog['expiry'];
  links: Pick<
    Catalog['links'],
    'get' | 'neededSnapshots' | 'ownsSnapshot' | 'snapshotReleased' | 'markDamaged'
  >;
  jobs: Pick<Catalog['jobs'], 'unfinished' | 'list'>;
}
