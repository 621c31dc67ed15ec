import { AppError } from '../../base/errors.ts';
import { authorize, notFound, type Caller } from '../../domain/access.ts';
import {
  formatLocation,
  imageDiskKey,
  novaDiskKey,
  volumeDiskKey,
  type DiskKey,
  type ImageLocation,
} from '../../domain/disk.ts';
import { linkIdOfSnapshot } from '../../domain/snapshot-name.ts';
import type { ImageFilter, ImageSummary, Page, PoolSummary, SnapshotSummary } from '../operations.ts';
import type { InventoryDeps } from './deps.ts';

type Deps = Pick<InventoryDeps, 'rbd' | 'placement'>;

export async function listPools({ rbd }: Deps, caller: Caller): Promise<PoolSummary[]> {
  authorize(caller, 'inspect', null, 'the pools');
  const pools = await Promise.all(
    rbd
      .clusterNames()
      .map(async (cluster) => (await rbd.listPools(cluster)).map((pool) => ({ cluster, ...pool }))),
  );
  const summaries = await Promise.all(pools.flat().map((pool) => summarizePool(rbd, pool)));
  return summaries.filter((summary) => summary !== undefined);
}

/** undefined for a pool that our cephx user may not read: Ceph's own, and those of other applications. */
async function summarizePool(
  rbd: Deps['rbd'],
  pool: Omit<PoolSummary, 'images'>,
): Promise<PoolSummary | undefined> {
  try {
    return { ...pool, images: (await rbd.listImages(pool.cluster, pool.pool)).length };
  } catch (error) {
    if (error instanceof AppError && error.code === 'CEPH_NO_PERMISSION') return undefined;
    throw error;
  }
}

export async function listImages(
  deps: Deps,
  caller: Caller,
  { cluster, pool, limit, marker }: ImageFilter,
): Promise<Page<ImageSummary>> {
  authorize(caller, 'inspect', null, `pool ${pool}`);
  const { rbd } = deps;
  await rbd.checkPool(cluster, pool);
  const names = (await rbd.listImages(cluster, pool)).toSorted();
  const rest = names.filter((name) => marker === undefined || name > marker);
  const page = rest.slice(0, limit);
  const summaries = await Promise.all(page.map((image) => summarize(deps, { cluster, pool, image })));
  return {
    items: summaries.filter((summary) => summary !== undefined),
    nextMarker: rest.length > limit ? page.at(-1) : undefined,
  };
}

/** undefined when the image was removed since it was listed. */
async function summarize({ rbd, placement }: Deps, at: ImageLocation): Promise<ImageSummary | undefined> {
  const info = await rbd.findImage(at);
  if (info === undefined) return undefined;
  const [snapshots, watchers] = await Promise.all([rbd.listSnapshots(at), rbd.listWatchers(at)]);
  return {
    ...at,
    imageId: info.imageId,
    sizeBytes: info.sizeBytes,
    snapshots: snapshots.length,
    watchers: watchers.length,
    diskKey: diskKeyOf(at, placement.novaPool.pool),
  };
}

function diskKeyOf(at: ImageLocation, novaPool: string): DiskKey {
  const volumeId = /^volume-([0-9a-f-]{36})$/.exec(at.image)?.[1];
  if (volumeId !== undefined) return volumeDiskKey(volumeId);
  return at.pool === novaPool && /^[0-9a-f-]{36}_disk/.test(at.image)
    ? novaDiskKey(at.image)
    : imageDiskKey(at);
}

export async function listSnapshots(
  { rbd }: Deps,
  caller: Caller,
  at: ImageLocation,
): Promise<SnapshotSummary[]> {
  const what = `image ${formatLocation(at)}`;
  authorize(caller, 'inspect', null, what);
  await rbd.checkPool(at.cluster, at.pool);
  if ((await rbd.findImage(at)) === undefined) throw notFound(what);
  return (await rbd.listSnapshots(at)).map((snapshot) => {
    const created = Date.parse(snapshot.createdText);
    return {
      id: snapshot.id,
      name: snapshot.name,
      sizeBytes: snapshot.sizeBytes,
      createdAt: Number.isNaN(created) ? undefined : new Date(created),
      protected: snapshot.protected,
      ours: linkIdOfSnapshot(snapshot.name) !== undefined,
    };
  });
}
