/** The catalog as the workflows know it: manifests in, manifests out. */
import { AppError } from '../base/errors.ts';
import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { BackupCatalog } from '../workflows/backup/deps.ts';
import type { RestoreCatalog } from '../workflows/restore/deps.ts';
import { changingInPlace, halfWritten, writingBack } from './undo-ports.ts';

/** Of backups into one store. */
export function backupCatalog(catalog: Catalog, storeId: string): BackupCatalog {
  return {
    ...chains(catalog),
    latestLink: async (diskKey) => (await catalog.links.latestForDisk(diskKey, storeId))?.manifest,
    newestElsewhere: async (diskKey) => {
      const newest = await catalog.links.latestForDisk(diskKey);
      return newest === undefined || newest.storeId === storeId
        ? undefined
        : ((await catalog.stores.get(newest.storeId))?.name ?? newest.storeId);
    },
    neededSnapshots: (diskKey) => catalog.links.neededSnapshots([diskKey]),
    newestDamage: (diskKey) => catalog.links.newestDamage(diskKey, storeId),
    commitPoint: async (jobId, manifest, links) => {
      const { state, damagedReason } = await catalog.points.commit({ manifest, links, jobId });
      if (state === 'complete') return;
      throw new AppError(
        'INTEGRITY_CHAIN_DAMAGED',
        `point ${manifest.pointId} hangs on a link that was found damaged meanwhile (${damagedReason ?? 'no reason recorded'}); back up again, which starts a new chain`,
      );
    },
    newestTakenAt: async (source) => (await catalog.points.latestFor(source))?.takenAt,
    hasPoint: async (pointId) => (await catalog.points.get(pointId)) !== undefined,
    snapshotReleased: (name) => catalog.links.snapshotReleased(name),
    ownsSnapshot: (name) => catalog.links.ownsSnapshot(name),
    writingBack: (diskKeys) => writingBack(catalog, diskKeys),
    halfWritten: (diskKeys) => halfWritten(catalog, diskKeys),
  };
}

export function restoreCatalog(catalog: Catalog, undoDays: number): RestoreCatalog {
  return {
    ...chains(catalog),
    changingInPlace: (diskKeys, jobId) => changingInPlace(catalog, diskKeys, jobId),
    allowUndo: (restoreId) => catalog.undo.allow(restoreId, undoDays),
    point: async (pointId) => {
      const row = await catalog.points.get(pointId);
      if (row !== undefined) return row.manifest;
      throw new AppError('NOTFOUND_POINT', `point ${pointId} is no longer in the catalog`);
    },
  };
}

export function chains({ links }: Catalog): Pick<RestoreCatalog, 'chainOf' | 'markLinkDamaged'> {
  return {
    chainOf: async (linkId) => (await links.chainOf(linkId)).map(({ manifest }) => manifest),
    markLinkDamaged: async (linkId, reason) => {
      await links.markDamaged(linkId, reason);
    },
  };
}
