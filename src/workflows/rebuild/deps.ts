import type { LinkManifest, PointManifest } from '../../domain/manifest.ts';
import type { MissingParent, SettledPoints } from '../../drivers/catalog/rebuild.ts';
import type { BackupStore } from '../../drivers/store/backup-store.ts';

export interface RebuildDeps {
  store: Pick<
    BackupStore,
    'storeId' | 'description' | 'listPointIds' | 'readPoint' | 'listLinks' | 'readLinkManifest'
  >;
  catalog: RebuildCatalog;
}

/** Every statement changes nothing when it is repeated, and leaves rows that are there as they are. */
export interface RebuildCatalog {
  knownPoints(ids: readonly string[]): Promise<string[]>;
  knownLinks(ids: readonly string[]): Promise<string[]>;
  /** Ids of points that backups are about to commit themselves. */
  pointsUnderWay(): Promise<string[]>;
  importPoint(manifest: PointManifest, links: LinkManifest[]): Promise<void>;
  missingParents(afterId: string | undefined, limit: number): Promise<MissingParent[]>;
  importParent(link: LinkManifest, parent: MissingParent): Promise<void>;
  settle(): Promise<SettledPoints>;
}
