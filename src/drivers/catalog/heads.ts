/** Which snapshots on the sources next increments stand on: docs/adr/0036-several-stores.md. */
import type { DiskKey } from '../../domain/disk.ts';
import type { Sql } from './connect.ts';
import type { DiskImage } from './reconcile.ts';

/** The snapshot that a disk's next increment in one store stands on, and the image that it was taken of. */
export interface NeededSnapshot {
  diskKey: DiskKey;
  storeId: string;
  image: DiskImage & { imageId: string };
  name: string;
}

/**
 * I4: of each disk the heads of the chains that go on, by disk: in each store the newest complete link whose point is
 * complete (as `latestLinkForDisk`), when it is the newest of all stores, when a policy of its source writes to that
 * store, or when it is younger than `keepOpenDays`. The first of these holds for every disk, so that what is in one store
 * only always keeps its snapshot.
 */
export async function neededSnapshotsOfDisks(
  sql: Sql,
  diskKeys: readonly string[],
  keepOpenDays: number,
): Promise<NeededSnapshot[]> {
  const { rows } = await sql.raw<{ rows: HeadRecord[] }>(
    `with heads as (
       select distinct on (links.disk_key, links.store_id) links.*, points.kind as source_kind, points.source_id
       from emberkeep.links join emberkeep.points on points.id = links.point_id
       where links.disk_key = any(:diskKeys) and links.state = 'complete' and points.state = 'complete'
       order by links.disk_key, links.store_id, links.created_at desc, links.depth desc
     ), placed as (
       select *, row_number() over (partition by disk_key order by created_at desc, depth desc) as place from heads
     )
     select disk_key, store_id, cluster, pool, image, image_id, to_snapshot_name
     from placed
     where place = 1
       or created_at > now() - make_interval(days => :keepOpenDays)
       or exists (
         select from emberkeep.policy_sources sources join emberkeep.policies on policies.id = sources.policy_id
         where sources.kind = placed.source_kind and sources.source_id = placed.source_id and not sources.gone
           and emberkeep.store_of_policy(policies.spec) = placed.store_id)
     order by disk_key, place`,
    { diskKeys: [...diskKeys], keepOpenDays },
  );
  return rows.map(({ disk_key, store_id, image_id, to_snapshot_name, ...image }) => ({
    diskKey: disk_key,
    storeId: store_id,
    image: { ...image, imageId: image_id },
    name: to_snapshot_name,
  }));
}

interface HeadRecord {
  disk_key: DiskKey;
  store_id: string;
  cluster: string;
  pool: string;
  image: string;
  image_id: string;
  to_snapshot_name: string;
}

/** Those of the snapshots that a next increment stands on. */
export async function neededSnapshots(
  sql: Sql,
  names: readonly string[],
  keepOpenDays: number,
): Promise<string[]> {
  const disks = (await sql('emberkeep.links')
    .distinct('disk_key')
    .whereIn('to_snapshot_name', [...names])) as {
    disk_key: string;
  }[];
  const heads = await neededSnapshotsOfDisks(
    sql,
    disks.map(({ disk_key }) => disk_key),
    keepOpenDays,
  );
  return heads.map(({ name }) => name).filter((name) => names.includes(name));
}

/**
 * The same for some disks after one, in the database's order of their keys. The disks are found one after the other in
 * the index: a disk's many links cost nothing.
 */
export async function snapshotsOfHeads(
  sql: Sql,
  { after, limit }: { after: string | undefined; limit: number },
  keepOpenDays: number,
): Promise<{ heads: NeededSnapshot[]; last: string | undefined }> {
  const { rows } = await sql.raw<{ rows: { disk_key: string }[] }>(
    `with recursive disks as (
       (select disk_key from emberkeep.links where disk_key > :after order by disk_key limit 1)
       union all
       select (select links.disk_key from emberkeep.links where links.disk_key > disks.disk_key
               order by links.disk_key limit 1)
       from disks where disks.disk_key is not null
     )
     select disk_key from disks where disk_key is not null limit :limit`,
    { after: after ?? '', limit },
  );
  const keys = rows.map(({ disk_key }) => disk_key);
  const heads = keys.length === 0 ? [] : await neededSnapshotsOfDisks(sql, keys, keepOpenDays);
  return { heads, last: keys.at(-1) };
}
