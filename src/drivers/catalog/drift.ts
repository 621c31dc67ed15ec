/** What the catalog says should be in a store and in the clusters, some rows at a time, for the comparison with what is. */
import type { DiskKey } from '../../domain/disk.ts';
import type { Sql } from './connect.ts';
import type { DiskImage } from './reconcile.ts';

/** The snapshot that a disk's next increment stands on, and the image that it was taken of. */
export interface NeededSnapshot {
  diskKey: DiskKey;
  image: DiskImage & { imageId: string };
  name: string;
}

/** Complete points of a store, or its complete links, in ascending order of their ids. */
export async function idsInStore(
  sql: Sql,
  table: 'points' | 'links',
  storeId: string,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<string[]> {
  const query = sql(`emberkeep.${table}`)
    .select('id')
    .where({ store_id: storeId, state: 'complete' })
    .orderBy('id')
    .limit(limit);
  if (after !== undefined) query.where('id', '>', after);
  return ((await query) as { id: string }[]).map(({ id }) => id);
}

/** Whether the catalog has it as complete and in that store. */
export async function isInStore(
  sql: Sql,
  table: 'points' | 'links',
  storeId: string,
  id: string,
): Promise<boolean> {
  const found: unknown = await sql(`emberkeep.${table}`)
    .where({ store_id: storeId, state: 'complete', id })
    .first('id');
  return found !== undefined;
}

/**
 * Of each disk the newest whole link's snapshot, as `neededSnapshots` has it, in the database's order of the disks' keys.
 * The disks are found one after the other in the index: a disk's many links cost nothing.
 */
export async function snapshotsOfHeads(
  sql: Sql,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<{ heads: NeededSnapshot[]; last: string | undefined }> {
  const { rows } = await sql.raw<{ rows: HeadRecord[] }>(
    `with recursive disks as (
       (select disk_key from emberkeep.links where disk_key > :after order by disk_key limit 1)
       union all
       select (select links.disk_key from emberkeep.links where links.disk_key > disks.disk_key
               order by links.disk_key limit 1)
       from disks where disks.disk_key is not null
     ), page as (select disk_key from disks where disk_key is not null limit :limit)
     select page.disk_key, head.*
     from page left join lateral (
       select links.cluster, links.pool, links.image, links.image_id, links.to_snapshot_name
       from emberkeep.links join emberkeep.points on points.id = links.point_id
       where links.disk_key = page.disk_key and links.state = 'complete' and points.state = 'complete'
       order by links.created_at desc, links.depth desc
       limit 1
     ) head on true
     order by page.disk_key`,
    { after: after ?? '', limit },
  );
  return { heads: rows.flatMap(toHead), last: rows.at(-1)?.disk_key };
}

interface HeadRecord {
  disk_key: DiskKey;
  cluster: string | null;
  pool: string;
  image: string;
  image_id: string;
  to_snapshot_name: string;
}

/** A disk of which only damaged or deleted points are left has none. */
function toHead({
  disk_key: diskKey,
  cluster,
  pool,
  image,
  image_id: imageId,
  ...row
}: HeadRecord): NeededSnapshot[] {
  if (cluster === null) return [];
  return [{ diskKey, image: { cluster, pool, image, imageId }, name: row.to_snapshot_name }];
}
