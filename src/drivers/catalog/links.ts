import { AppError } from '../../base/errors.ts';
import { isUuid } from '../../base/ids.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { linkIdOfSnapshot } from '../../domain/snapshot-name.ts';
import type { Sql, SqlTransaction } from './connect.ts';
import { atomically } from './page.ts';
import { toJson, toLinkRow, toPointRow, type LinkRecord, type PointRecord } from './rows.ts';
import type { LinkRow, PointRow } from './types.ts';

const table = 'emberkeep.links';

/** Inserts a link of a point; false when it is there already. Only `commitPoint` calls it. */
export async function insertLink(sql: SqlTransaction, link: LinkManifest, storeId: string): Promise<boolean> {
  const { source, fromSnapshot, toSnapshot, index, segments, content } = link;
  const inserted = (await sql(table)
    .insert({
      id: link.linkId,
      point_id: link.pointId,
      disk_key: link.diskKey,
      kind: link.kind,
      chain_id: link.chainId,
      parent_link_id: link.parentLinkId,
      depth: link.depth,
      cluster: source.cluster,
      cluster_id: source.clusterId,
      pool: source.pool,
      image: source.image,
      image_id: source.imageId,
      size_bytes: source.sizeBytes,
      from_snapshot_name: fromSnapshot?.name ?? null,
      from_snapshot_id: fromSnapshot?.id ?? null,
      to_snapshot_name: toSnapshot.name,
      to_snapshot_id: toSnapshot.id,
      plain_bytes: segments.plainBytes,
      stored_bytes: segments.storedBytes + index.storedBytes,
      data_bytes: content.dataBytes,
      zero_bytes: content.zeroBytes,
      store_id: storeId,
      state: 'complete',
      created_at: link.createdAt,
      manifest: toJson(link),
    })
    .onConflict('id')
    .ignore()
    .returning('id')) as unknown[];
  return inserted.length > 0;
}

export async function getLink(sql: Sql, id: string): Promise<LinkRow | undefined> {
  if (!isUuid(id)) return undefined;
  const row = (await sql(table).where('id', id).first()) as LinkRecord | undefined;
  return row && toLinkRow(row);
}

/** The links that end at the given points, for a whole page of points at once. */
export async function linksOfPoints(sql: Sql, pointIds: readonly string[]): Promise<LinkRow[]> {
  const rows = (await sql(table)
    .whereIn('point_id', pointIds.filter(isUuid))
    .orderBy(['point_id', 'disk_key'])) as LinkRecord[];
  return rows.map(toLinkRow);
}

/**
 * Whether a snapshot on a source was taken by this service: a link names it, or the id in its name is that of a link
 * which is or was in the catalog, or which the recorded plan of a backup chose that did not come so far. A snapshot
 * with a name of our form that is none of these is not ours to remove (I4).
 */
export async function ownsSnapshot(sql: Sql, name: string): Promise<boolean> {
  const id = linkIdOfSnapshot(name);
  if (id === undefined || !isUuid(id)) return false;
  const { rows } = await sql.raw<{ rows: { known: boolean }[] }>(
    `select exists (select from emberkeep.links where id = :id or to_snapshot_name = :name)
         or exists (select from emberkeep.former_links where id = :id)
         or exists (select from emberkeep.jobs where kind = 'backup' and plan -> 'disks' @> :disks) as known`,
    { id, name, disks: toJson([{ linkId: id }]) },
  );
  return rows[0]?.known === true;
}

/**
 * The link that the disk's next increment in a store would stand on: the newest complete one whose point is complete;
 * of all stores when none is named. Whether its snapshot and chain still allow that is for the caller to prove (I3).
 */
export async function latestLinkForDisk(
  sql: Sql,
  diskKey: string,
  storeId?: string,
): Promise<LinkRow | undefined> {
  const query = sql(table)
    .select('links.*')
    .join('emberkeep.points', 'points.id', 'links.point_id')
    .where({ 'links.disk_key': diskKey, 'links.state': 'complete', 'points.state': 'complete' })
    .orderBy([
      { column: 'links.created_at', order: 'desc' },
      { column: 'links.depth', order: 'desc' },
    ])
    .first();
  if (storeId !== undefined) query.where('links.store_id', storeId);
  const row = (await query) as LinkRecord | undefined;
  return row && toLinkRow(row);
}

/**
 * Why the newest link of a disk in a store, or the point that it belongs to, is damaged; undefined when they are whole,
 * or there are none. Of all stores when none is named. A link below it may be the damaged one.
 */
export async function newestDamage(sql: Sql, diskKey: string, storeId?: string): Promise<string | undefined> {
  const query = sql(table)
    .select('links.damaged_reason as link_reason', 'points.damaged_reason as point_reason')
    .join('emberkeep.points', 'points.id', 'links.point_id')
    .where('links.disk_key', diskKey)
    .whereNot('points.state', 'deleted')
    .orderBy([
      { column: 'links.created_at', order: 'desc' },
      { column: 'links.depth', order: 'desc' },
    ])
    .first();
  if (storeId !== undefined) query.where('links.store_id', storeId);
  const row = (await query) as { link_reason: string | null; point_reason: string | null } | undefined;
  return row?.link_reason ?? row?.point_reason ?? undefined;
}

/**
 * The chain that restores a link: its full first, then every increment up to the link itself. A link that was folded
 * with the ones before it is looked for under the id of what took its place.
 *
 * @throws NOTFOUND_LINK; INTEGRITY_CHAIN_BROKEN when a link on the way is not in the catalog.
 */
export async function chainOfLink(sql: Sql, id: string): Promise<LinkRow[]> {
  const { rows } = await sql.raw<{ rows: LinkRecord[] }>(
    `with recursive chain as (
       select * from emberkeep.links
       where id = coalesce((select successor_id from emberkeep.former_links where id = :id), :id)
       union all
       select parent.* from emberkeep.links parent join chain on parent.id = chain.parent_link_id
     )
     select * from chain order by depth`,
    { id: isUuid(id) ? id : null },
  );
  const [first] = rows;
  if (first === undefined) throw new AppError('NOTFOUND_LINK', `There is no link ${id}.`);
  const isJoined = rows.every((row, at) => at === 0 || row.parent_link_id === rows[at - 1]?.id);
  if (first.kind !== 'full' || !isJoined) {
    throw new AppError(
      'INTEGRITY_CHAIN_BROKEN',
      `The chain of link ${id} lacks ${first.parent_link_id ?? 'a link'}.`,
      {
        details: { linkId: id, missingLinkId: first.parent_link_id },
      },
    );
  }
  return rows.map(toLinkRow);
}

/**
 * Records an integrity failure (I8): the link is damaged, and with it exactly the points whose restore reads it, its
 * own and those of every link that stands on it. Repeating it changes nothing.
 *
 * @returns the points that this call marked.
 * @throws NOTFOUND_LINK.
 */
export async function markLinkDamaged(sql: Sql, id: string, reason: string): Promise<PointRow[]> {
  return atomically(sql, async (trx) => {
    const link = await getLink(trx, id);
    if (link === undefined) throw new AppError('NOTFOUND_LINK', `There is no link ${id}.`);
    await lockChain(trx, link.chainId);
    await trx(table).where({ id, state: 'complete' }).update({ state: 'damaged', damaged_reason: reason });
    const { rows } = await trx.raw<{ rows: PointRecord[] }>(
      `with recursive standing as (
         select id, point_id from emberkeep.links where id = :id
         union
         select child.id, child.point_id from emberkeep.links child join standing on child.parent_link_id = standing.id
       )
       update emberkeep.points set state = 'damaged', damaged_reason = :reason
       where state = 'complete' and id in (select point_id from standing)
       returning *`,
      { id, reason },
    );
    return rows.map(toPointRow);
  });
}

/** Orders everything that adds to a chain or condemns it, so that no point slips past a failure found meanwhile. */
export async function lockChain(trx: SqlTransaction, chainId: string): Promise<void> {
  await trx.raw(`select pg_advisory_xact_lock(hashtextextended('emberkeep:chain:' || ?, 0))`, [chainId]);
}

/** To be recorded after a snapshot of ours was removed from the source (I4). Repeating it keeps the first time. */
export async function markSnapshotReleased(sql: Sql, name: string): Promise<void> {
  await sql(table)
    .where({ to_snapshot_name: name, snapshot_released_at: null })
    .update({ snapshot_released_at: sql.fn.now() });
}

/** Links whose to-snapshot is still on the source, oldest first: what reconcile compares with the images. */
export async function linksWithUnreleasedSnapshots(sql: Sql, diskKey?: string): Promise<LinkRow[]> {
  const query = sql(table).whereNull('snapshot_released_at').orderBy('created_at');
  if (diskKey !== undefined) query.where('disk_key', diskKey);
  return ((await query) as LinkRecord[]).map(toLinkRow);
}
