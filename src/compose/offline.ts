import { resolve } from 'node:path';
import { AppError } from '../base/errors.ts';
import type { AppConfig } from '../config.ts';
import { createRbd } from '../drivers/ceph/rbd.ts';
import { createRawFile } from '../drivers/files/raw-file.ts';
import { openBackupStore } from '../drivers/store/backup-store.ts';
import { FilesystemStore } from '../drivers/store/filesystem-store.ts';
import { readMasterKey } from '../drivers/store/master-key-file.ts';
import { masterKeyRing } from '../drivers/store/master-key.ts';
import type { ObjectStore } from '../drivers/store/object-store.ts';
import { openOfflineStream } from '../workflows/offline/cat.ts';
import type { OfflineOperations } from '../workflows/offline/operations.ts';
import { listOfflinePoints, showOfflinePoint } from '../workflows/offline/points.ts';
import { restoreOffline } from '../workflows/offline/restore.ts';
import { verifyOffline } from '../workflows/offline/verify.ts';
import { masterKeys } from './master-keys.ts';

export interface OpenOfflineOptions {
  /** A path or s3://BUCKET/PREFIX; undefined takes the configured store. */
  store: string | undefined;
  /** Files of master keys beside those of the configuration. */
  keyFiles: readonly string[];
}

/** A store with nothing around it; nothing is ever written into it. */
export async function openOffline(
  config: AppConfig,
  { store: place, keyFiles }: OpenOfflineOptions,
): Promise<OfflineOperations> {
  const configured = await masterKeys(config);
  const given = await Promise.all(keyFiles.map(readMasterKey));
  const keys = masterKeyRing(undefined, [...configured.all, ...given]);
  const store = await openBackupStore(await openObjects(config, place), { create: false, keys });
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
  };
}

async function openObjects(config: AppConfig, place: string | undefined): Promise<ObjectStore> {
  const scheme = /^([a-z0-9]+):\/\//i.exec(place ?? '')?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'file') {
    const path = place?.replace(/^file:\/\//i, '') ?? config.storeDirectory;
    return await FilesystemStore.open(resolve(path));
  }
  throw new AppError('INPUT_STORE', `a store is a directory, not ${scheme}://`);
}
