/** What reconcile asks of the catalog: whose a stray thing is, and whether somebody needs it. */
import { isUuid } from '../../base/ids.ts';
import { linkIdOfSnapshot } from '../../domain/snapshot-name.ts';
import type { Sql } from './connect.ts';
import { toJobRow, toJson, type JobRecord } from './rows.ts';
import type { JobRow } from './types.ts';

export interface CatalogPool {
  cluster: string;
  pool: string;
}

/** Where a disk's images are, or were when they were backed up. */
export interface DiskImage extends CatalogPool {
  image: string;
  /** RBD's own id; undefined for what a backup only planned. */
  imageId: string | undefined;
}

export interface SnapshotOrigin {
  diskKey: string;
  images: DiskImage[];
}

/** Pools that any link was taken from, each found by one step through the index. */
export async function poolsOfLinks(sql: Sql): Promise<CatalogPool[]> {
  const { rows } = await sql.raw<{ rows: CatalogPool[] }>(
    `with recursive pools as (
       (select cluster, pool from emberkeep.links order by cluster, pool limit 1)
       union all
       select next.cluster, next.pool from pools, lateral (
         select cluster, pool from emberkeep.links
         where (links.cluster, links.pool) > (pools.cluster, pools.pool) order by cluster, pool limit 1
       ) as next
     )
     select cluster, pool from pools order by cluster, pool`,
  );
  return rows;
}

/**
 * The disk that a snapshot of ours was taken of (see `ownsSnapshot`), and every image that is known as that disk's;
 * undefined when it is not ours, or when nothing tells of which disk it is.
 */
export async function originOfSnapshot(sql: Sql, name: string): Promise<SnapshotOrigin | undefined> {
  const id = linkIdOfSnapshot(name);
  if (id === undefined || !isUuid(id)) return undefined;
  const { rows: planned } = await sql.raw<{ rows: PlannedDisk[] }>(
    `select disk -> 'disk' ->> 'key' as disk_key, disk -> 'disk' -> 'location' as location
     from emberkeep.jobs, jsonb_array_elements(plan -> 'disks') disk
     where kind = 'backup' and plan -> 'disks' @> :disks and disk ->> 'linkId' = :id`,
    { id, disks: toJson([{ linkId: id }]) },
  );
  const { rows: known } = await sql.raw<{ rows: { disk_key: string }[] }>(
    `select disk_key from emberkeep.links where id = :id or to_snapshot_name = :name
     union select disk_key from emberkeep.former_links where id = :id`,
    { id, name },
  );
  const diskKey = known[0]?.disk_key ?? planned[0]?.disk_key;
  if (diskKey === undefined) return undefined;
  const linked = (await sql('emberkeep.links')
    .distinct('cluster', 'pool', 'image', 'image_id as imageId')
    .where('disk_key', diskKey)) as DiskImage[];
  return {
    diskKey,
    images: [...linked, ...planned.map(({ location }) => ({ ...location, imageId: undefined }))],
  };
}

interface PlannedDisk {
  disk_key: string;
  location: CatalogPool & { image: string };
}

/** Ended backups that have not written down that the instance which they paused runs again. */
export async function backupsThatPaused(sql: Sql, since: Date): Promise<JobRow[]> {
  const rows = (await sql('emberkeep.jobs')
    .where('kind', 'backup')
    .whereIn('state', ['failed', 'cancelled'])
    .where('created_at', '>=', since)
    .whereRaw(`plan ->> 'pause' = 'asked'`)
    .orderBy('created_at')) as JobRecord[];
  return rows.map(toJobRow);
}

/** Whether any restore that would have made volumes did not come to its end. */
export async function hasBrokenVolumeRestores(sql: Sql): Promise<boolean> {
  const row = (await sql('emberkeep.restores')
    .join('emberkeep.jobs', 'jobs.id', 'restores.job_id')
    .whereIn('jobs.state', ['failed', 'cancelled'])
    .whereNot('restores.mode', 'image')
    .first('restores.id')) as unknown;
  return row !== undefined;
}
