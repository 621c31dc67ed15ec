import type { Clock } from '../../base/clock.ts';
import type { ImageLocation } from '../../domain/disk.ts';
import type { StrayKind } from '../../domain/reconciliation.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { Locks } from '../../drivers/catalog/locks.ts';
import type { ListedImage } from '../../drivers/ceph/images.ts';
import type { Rbd } from '../../drivers/ceph/rbd.ts';
import type { TrashEntry } from '../../drivers/ceph/snapshots.ts';
import type { InstancePauses } from '../../drivers/openstack/instance-pause.ts';
import type { MarkedVolume, MarkedVolumes } from '../../drivers/openstack/marked-volumes.ts';
import type { BackupStore } from '../../drivers/store/backup-store.ts';

export type { MarkedVolume };

export interface PoolPlace {
  cluster: string;
  pool: string;
}

export interface ReconcileDeps {
  clock: Clock;
  rbd: Pick<
    Rbd,
    | 'clusterNames'
    | 'listImagesLong'
    | 'findImage'
    | 'listWatchers'
    | 'readImageMark'
    | 'listSnapshots'
    | 'findSnapshots'
    | 'removeSnapshot'
    | 'removeImage'
    | 'migrationState'
    | 'abortMigration'
    | 'listTrashEntries'
    | 'listTrashSnapshots'
    | 'removeTrashSnapshot'
    | 'removeFromTrash'
  >;
  /** Every store of the service; one that is away rejects. */
  stores: readonly { name: string; open: () => Promise<ReconcileStore> }[];
  catalog: {
    jobs: Pick<Catalog['jobs'], 'get' | 'unfinished'>;
    restores: Pick<Catalog['restores'], 'get'>;
    links: Pick<Catalog['links'], 'ownsSnapshot' | 'snapshotReleased'>;
    rebuild: Pick<Catalog['rebuild'], 'knownIds'>;
    reconcile: Catalog['reconcile'];
    audit: Pick<Catalog['audit'], 'append'>;
  };
  locks: Pick<Locks, 'acquire'>;
  volumes: MarkedVolumes;
  pauses: InstancePauses;
  /** Where restores make their images. */
  backupsPool: PoolPlace;
  /** Where Cinder and Nova keep theirs, as configured. */
  diskPools: readonly PoolPlace[];
}

export type ReconcileStore = Pick<
  BackupStore,
  | 'storeId'
  | 'description'
  | 'listLinkFolders'
  | 'listPointIds'
  | 'hasLink'
  | 'hasPoint'
  | 'linkUsage'
  | 'removeLink'
>;

/** Something of ours that no job and no restore needs, and how to be rid of it. */
export interface Stray {
  kind: StrayKind;
  what: string;
  where: string;
  /** When it came to be, or to be of no use. */
  since: Date | undefined;
  sizeBytes: number | undefined;
  action: string;
  reason: string;
  /** Who works on it holds one of these; when one is held it is left. */
  locks: readonly string[];
  /** Asked again once the locks are ours: what was read before may have changed. */
  isStill(): Promise<boolean>;
  remove(): Promise<void>;
}

/** One kind of thing that is looked for; what a finder gives *must* be known as ours by mark or catalog, not by name. */
export interface Finder {
  /** For messages: `images of restores in the backups pool`. */
  name: string;
  find(deps: ReconcileDeps, facts: Facts): AsyncIterable<Stray>;
}

/** What several finders ask, answered once a run. */
export interface Facts {
  /** All images of a pool with their snapshots, as of the first question. */
  imagesOf(at: PoolPlace): Promise<ListedImage[]>;
  /** What is in the pool's trash, as of the first question. */
  trashOf(at: PoolPlace): Promise<TrashEntry[]>;
  /** Pools where images of ours can be: the configured ones, and those that links were taken from. */
  pools(): Promise<PoolPlace[]>;
}

export function locationOf({ cluster, pool }: PoolPlace, image: string): ImageLocation {
  return { cluster, pool, image };
}
