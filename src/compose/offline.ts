import type { AppConfig } from '../config.ts';
import { createRbd } from '../drivers/ceph/rbd.ts';
import { createRawFile } from '../drivers/files/raw-file.ts';
import { openBackupStore } from '../drivers/store/backup-store.ts';
import { readMasterKey } from '../drivers/store/master-key-file.ts';
import { masterKeyRing } from '../drivers/store/master-key.ts';
import { openOfflineStream } from '../workflows/offline/cat.ts';
import type { OfflineOperations } from '../workflows/offline/operations.ts';
import { listOfflinePoints, showOfflinePoint } from '../workflows/offline/points.ts';
import { restoreOffline } from '../workflows/offline/restore.ts';
import { verifyOffline } from '../workflows/offline/verify.ts';
import { masterKeys } from './master-keys.ts';
import { openObjects } from './open-objects.ts';

export interface OpenOfflineOptions {
  /** Files of master keys; any at all stand instead of those of the configuration, which are not read then. */
  keyFiles: readonly string[];
}

/** The configured store, the default one of several, with nothing around it; nothing is ever written into it. */
export async function openOffline(
  config: AppConfig,
  { keyFiles }: OpenOfflineOptions,
): Promise<OfflineOperations> {
  const [place] = config.storeList;
  const keys =
    keyFiles.length === 0
      ? await masterKeys(place)
      : masterKeyRing(undefined, await Promise.all(keyFiles.map(readMasterKey)));
  // Unlike the service, nothing makes the default directory here.
  const { objects, close } = await openObjects({ ...place, isOwnDirectory: false });
  const store = await openBackupStore(objects, { create: false, keys }).catch((error: unknown) => {
    close();
    throw error;
  });
  const rbd = createRbd(
    Object.entries(config.clusters).map(([name, cluster]) => ({
      name,
      confPath: cluster.conf,
      user: cluster.user,
      keyringPath: cluster.keyring,
    })),
  );
  const deps = { store, rbd, createRawFile };
  return {
    description: store.description,
    defaultCluster: config.backups_pool.cluster,
    list: (source) => listOfflinePoints(deps, source),
    show: (pointId) => showOfflinePoint(deps, pointId),
    cat: (request) => openOfflineStream(deps, request),
    restore: (request) => restoreOffline(deps, request),
    verify: (request) => verifyOffline(deps, request),
    close,
  };
}
