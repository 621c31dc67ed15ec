import type { Rbd } from '../../drivers/ceph/rbd.ts';
import type { RawFile } from '../../drivers/files/raw-file.ts';
import type { BackupStore } from '../../drivers/store/backup-store.ts';

/** A store and nothing else: no service, no database, no OpenStack. */
export interface OfflineDeps {
  store: Pick<
    BackupStore,
    | 'storeId'
    | 'description'
    | 'readLinkManifest'
    | 'readPoint'
    | 'listPointIds'
    | 'listLinks'
    | 'checkLink'
    | 'inspectLink'
    | 'openLinkStream'
    | 'openChainStream'
  >;
}

export interface OfflineRestoreDeps extends OfflineDeps {
  rbd: Pick<
    Rbd,
    | 'findImage'
    | 'showImage'
    | 'createImage'
    | 'removeImage'
    | 'removeImageMark'
    | 'listSnapshots'
    | 'removeSnapshot'
    | 'importDiff'
  >;
  /** Throws CONFLICT_FILE_EXISTS when there is a file of this name. */
  createRawFile: (path: string) => Promise<RawFile>;
}
