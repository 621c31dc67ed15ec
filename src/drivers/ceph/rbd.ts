/** RBD over all configured clusters: every verb takes an ImageLocation, whose cluster is a name of the configuration. */
import { AppError } from '../../base/errors.ts';
import type { ImageLocation } from '../../domain/disk.ts';
import type { CephCluster } from './cluster.ts';
import type { OutputStream, RunOptions } from './command.ts';
import { changedBytes, exportDiff, importDiff, type ExportDiffOptions } from './diffs.ts';
import type { WriteOptions } from './full-pool.ts';
import * as images from './images.ts';
import * as migration from './migration.ts';
import * as names from './names.ts';
import { openObjects, type ObjectReader } from './objects.ts';
import { clusterId, listPools, type CephPool } from './pools.ts';
import * as snapshots from './snapshots.ts';

export interface Rbd {
  clusterNames(): string[];
  /** fsid, asked once a cluster. */
  clusterId(cluster: string): Promise<string>;
  listPools(cluster: string): Promise<CephPool[]>;
  checkPool(cluster: string, pool: string): Promise<void>;
  listImages(cluster: string, pool: string): Promise<string[]>;
  listImagesLong(cluster: string, pool: string): Promise<images.ListedImage[]>;
  showImage(at: ImageLocation): Promise<images.ImageInfo>;
  findImage(at: ImageLocation, options?: images.ShowImageOptions): Promise<images.ImageInfo | undefined>;
  listWatchers(at: ImageLocation): Promise<string[]>;
  createImage(at: ImageLocation, options: images.CreateImageOptions): Promise<void>;
  readImageMark(at: ImageLocation, key: string): Promise<string | undefined>;
  removeImageMark(at: ImageLocation, key: string): Promise<void>;
  growImage(at: ImageLocation, sizeBytes: number): Promise<void>;
  removeImage(at: ImageLocation): Promise<void>;
  renameImage(from: ImageLocation, to: ImageLocation): Promise<void>;
  settleNames(one: ImageLocation, other: ImageLocation): Promise<void>;
  listChildren(at: ImageLocation): Promise<string[]>;
  setImageMark(at: ImageLocation, mark: { key: string; value: string }): Promise<void>;
  clearImageMark(at: ImageLocation, key: string): Promise<void>;
  disableFeatures(at: ImageLocation, features: readonly string[]): Promise<void>;
  listSnapshots(at: ImageLocation): Promise<snapshots.RbdSnapshot[]>;
  findSnapshots(at: ImageLocation): Promise<snapshots.RbdSnapshot[]>;
  createSnapshot(at: ImageLocation, name: string): Promise<void>;
  removeSnapshot(at: ImageLocation, name: string): Promise<void>;
  listTrash(cluster: string, pool: string): Promise<string[]>;
  listTrashEntries(cluster: string, pool: string): Promise<snapshots.TrashEntry[]>;
  listTrashSnapshots(cluster: string, pool: string, imageId: string): Promise<snapshots.RbdSnapshot[]>;
  removeTrashSnapshot(cluster: string, pool: string, imageId: string, name: string): Promise<void>;
  removeFromTrash(cluster: string, pool: string, imageId: string): Promise<void>;
  exportDiff(at: ImageLocation, options: ExportDiffOptions): Promise<OutputStream>;
  changedBytes(at: ImageLocation, options: { fromSnapshot: string } & RunOptions): Promise<number>;
  openObjects(at: ImageLocation, options?: RunOptions): Promise<ObjectReader | undefined>;
  importDiff(at: ImageLocation, stream: AsyncIterable<Buffer>, options?: WriteOptions): Promise<void>;
  migrationState(at: ImageLocation): Promise<migration.MigrationState>;
  prepareMigration(source: ImageLocation, target: ImageLocation): Promise<void>;
  executeMigration(target: ImageLocation, options?: RunOptions): Promise<void>;
  commitMigration(target: ImageLocation): Promise<void>;
  abortMigration(target: ImageLocation): Promise<void>;
}

export function createRbd(clusters: readonly CephCluster[]): Rbd {
  const byName = new Map(clusters.map((cluster) => [cluster.name, cluster]));
  const ids = new Map<string, Promise<string>>();

  function named(name: string): CephCluster {
    const cluster = byName.get(name);
    if (cluster !== undefined) return cluster;
    const known = [...byName.keys()].join(', ') || 'none';
    throw new AppError(
      'INPUT_UNKNOWN_CLUSTER',
      `no Ceph cluster "${name}" is configured; there are: ${known}. A cluster in the place of a lost one takes its name under clusters`,
    );
  }

  function cachedClusterId(name: string): Promise<string> {
    const known = ids.get(name);
    if (known !== undefined) return known;
    const asked = clusterId(named(name)).catch((error: unknown) => {
      ids.delete(name);
      throw error;
    });
    ids.set(name, asked);
    return asked;
  }

  return {
    clusterNames: () => [...byName.keys()],
    clusterId: async (name) => cachedClusterId(name),
    listPools: async (cluster) => listPools(named(cluster)),
    checkPool: async (cluster, pool) => images.checkPool(named(cluster), pool),
    listImages: async (cluster, pool) => images.listImages(named(cluster), pool),
    listImagesLong: async (cluster, pool) => images.listImagesLong(named(cluster), pool),
    showImage: async (at) => images.showImage(named(at.cluster), at),
    findImage: async (at, options) => images.findImage(named(at.cluster), at, options),
    listWatchers: async (at) => images.listWatchers(named(at.cluster), at),
    createImage: async (at, options) => images.createImage(named(at.cluster), at, options),
    readImageMark: async (at, key) => images.readImageMark(named(at.cluster), at, key),
    removeImageMark: async (at, key) => images.removeImageMark(named(at.cluster), at, key),
    growImage: async (at, sizeBytes) => images.growImage(named(at.cluster), at, sizeBytes),
    removeImage: async (at) => images.removeImage(named(at.cluster), at),
    renameImage: async (from, to) => names.renameImage(named(from.cluster), from, to),
    settleNames: async (one, other) => names.settleNames(named(one.cluster), one, other),
    listChildren: async (at) => names.listChildren(named(at.cluster), at),
    setImageMark: async (at, mark) => names.setImageMark(named(at.cluster), at, mark),
    clearImageMark: async (at, key) => names.clearImageMark(named(at.cluster), at, key),
    disableFeatures: async (at, features) => names.disableFeatures(named(at.cluster), at, features),
    listSnapshots: async (at) => snapshots.listSnapshots(named(at.cluster), at),
    findSnapshots: async (at) => snapshots.findSnapshots(named(at.cluster), at),
    createSnapshot: async (at, name) => snapshots.createSnapshot(named(at.cluster), at, name),
    removeSnapshot: async (at, name) => snapshots.removeSnapshot(named(at.cluster), at, name),
    listTrash: async (cluster, pool) => snapshots.listTrash(named(cluster), pool),
    listTrashEntries: async (cluster, pool) => snapshots.listTrashEntries(named(cluster), pool),
    listTrashSnapshots: async (cluster, pool, id) => snapshots.listTrashSnapshots(named(cluster), pool, id),
    removeTrashSnapshot: async (cluster, pool, id, name) =>
      snapshots.removeTrashSnapshot(named(cluster), pool, id, name),
    removeFromTrash: async (cluster, pool, id) => snapshots.removeFromTrash(named(cluster), pool, id),
    exportDiff: async (at, options) => exportDiff(named(at.cluster), at, options),
    changedBytes: async (at, options) => changedBytes(named(at.cluster), at, options),
    openObjects: async (at, options) => openObjects(named(at.cluster), at, options),
    importDiff: async (at, stream, options) => importDiff(named(at.cluster), at, stream, options),
    migrationState: async (at) => migration.migrationState(named(at.cluster), at),
    prepareMigration: async (source, target) =>
      migration.prepareMigration(named(target.cluster), source, target),
    executeMigration: async (target, options) =>
      migration.executeMigration(named(target.cluster), target, options),
    commitMigration: async (target) => migration.commitMigration(named(target.cluster), target),
    abortMigration: async (target) => migration.abortMigration(named(target.cluster), target),
  };
}
