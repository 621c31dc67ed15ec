import { AppError } from '../../base/errors.ts';
import { isUuid } from '../../base/ids.ts';
import type { LinkManifest, PointKind, PointManifest } from '../../domain/manifest.ts';
import { appendAudit } from './audit.ts';
import type { Sql, SqlTransaction } from './connect.ts';
import { insertLink, lockChain } from './links.ts';
import { atomically } from './page.ts';
import { toJson, toLinkRow, toPointRow, type LinkRecord, type PointRecord } from './rows.ts';
import type { JsonObject, LinkRow, PointRow, PointState } from './types.ts';

const linkTable = 'emberkeep.links';
const pointTable = 'emberkeep.points';
const formerTable = 'emberkeep.former_links';

/** What points in a store are of: an instance or a volume of one project, or an image. */
export interface SourceRow {
  kind: PointKind;
  sourceId: string;
  /** Its name at its newest point. */
  sourceName: string;
  projectId: string | undefined;
  /** What is in several stores is one row for each. */
  storeId: string;
}

export interface SourceFilter {
  /** Id or name. */
  source?: string | undefined;
  projectId?: string | undefined;
  storeId?: string | undefined;
}

/** A link with the state of its point: only a link of a deleted point may be folded or dropped. */
export interface DiskLink extends LinkRow {
  pointState: PointState;
}

/** What time it is in the database. */
export async function databaseNow(sql: Sql): Promise<Date> {
  const { rows } = await sql.raw<{ rows: [{ now: Date }] }>('select clock_timestamp() as now');
  return rows[0].now;
}

/** Sources that have a point in a store, or links that are left of deleted ones; by kind and id. */
export async function listSources(sql: Sql, filter: SourceFilter = {}): Promise<SourceRow[]> {
  const query = sql('emberkeep.point_sources as known')
    .select('kind', 'source_id', 'source_name', 'project_id', 'store_id')
    // With a limit each is looked up by itself: PostgreSQL would else read all points to join them.
    .whereRaw(
      `coalesce((
         select true from emberkeep.points
         where points.kind = known.kind and points.source_id = known.source_id and state <> 'deleted'
           and coalesce(points.project_id, '') = known.project_id and points.store_id = known.store_id limit 1
       ), (
         select true from emberkeep.points join emberkeep.links on links.point_id = points.id
         where points.kind = known.kind and points.source_id = known.source_id
           and coalesce(points.project_id, '') = known.project_id and points.store_id = known.store_id limit 1
       ), false)`,
    )
    .orderBy(['kind', 'source_id', 'project_id', 'store_id']);
  const { source, projectId, storeId } = filter;
  if (source !== undefined) query.whereRaw('(source_id = ? or source_name = ?)', [source, source]);
  if (projectId !== undefined) query.where('project_id', projectId);
  if (storeId !== undefined) query.where('store_id', storeId);
  const rows = (await query) as Pick<
    PointRecord,
    'kind' | 'source_id' | 'source_name' | 'project_id' | 'store_id'
  >[];
  return rows.map(({ kind, source_id, source_name, project_id, store_id }) => ({
    kind,
    sourceId: source_id,
    sourceName: source_name,
    projectId: project_id === '' ? undefined : (project_id ?? undefined),
    storeId: store_id,
  }));
}

/** Disks that the source's points have or had links of, ascending. */
export async function diskKeysOfSource(
  sql: Sql,
  { kind, sourceId }: Pick<SourceRow, 'kind' | 'sourceId'>,
): Promise<string[]> {
  const rows = (await sql(linkTable)
    .distinct('links.disk_key')
    .join(pointTable, 'points.id', 'links.point_id')
    .where({ 'points.kind': kind, 'points.source_id': sourceId })
    .orderBy('links.disk_key')) as { disk_key: string }[];
  return rows.map(({ disk_key }) => disk_key);
}

/**
 * Every link of the disks, by disk and depth: of all their chains, whichever sources' points they belong to; in all
 * stores unless one is named.
 */
export async function linksOfDisks(
  sql: Sql,
  diskKeys: readonly string[],
  storeId?: string,
): Promise<DiskLink[]> {
  const query = sql(linkTable)
    .select('links.*', 'points.state as point_state')
    .join(pointTable, 'points.id', 'links.point_id')
    .whereIn('links.disk_key', [...diskKeys])
    .orderBy(['links.disk_key', 'links.chain_id', 'links.depth']);
  if (storeId !== undefined) query.where('links.store_id', storeId);
  const rows = (await query) as (LinkRecord & { point_state: PointState })[];
  return rows.map(({ point_state, ...record }) => ({ ...toLinkRow(record), pointState: point_state }));
}

/** What stands directly on a link. */
export async function childrenOfLink(sql: Sql, id: string): Promise<LinkRow[]> {
  const rows = (await sql(linkTable).where('parent_link_id', id).orderBy('id')) as LinkRecord[];
  return rows.map(toLinkRow);
}

/**
 * Deletes points, with one entry of the audit trail for each. Their links stay until they are dropped or folded.
 * Points that are deleted already stay as they are.
 *
 * @returns the points that this call deleted.
 */
export async function deletePoints(
  sql: Sql,
  ids: readonly string[],
  { actor, requestId }: { actor: JsonObject; requestId?: string | undefined },
): Promise<PointRow[]> {
  return atomically(sql, async (trx) => {
    const rows = (await trx(pointTable)
      .whereIn('id', ids.filter(isUuid))
      .whereNot('state', 'deleted')
      .update({ state: 'deleted', deleted_at: trx.fn.now() })
      .returning('*')) as PointRecord[];
    for (const { id, kind, source_id, source_name, taken_at, project_id } of rows) {
      const target = { pointId: id, kind, sourceId: source_id, sourceName: source_name, takenAt: taken_at };
      const projectId = project_id ?? undefined;
      await appendAudit(trx, {
        actor,
        action: 'point.delete',
        target,
        result: 'deleted',
        requestId,
        projectId,
      });
    }
    return rows.map(toPointRow);
  });
}

/**
 * Forgets links of deleted points; ids that are gone already are passed over. To be called before they are removed
 * from the store, so that the catalog never names what is not there (I1).
 *
 * @throws CONFLICT_CHAIN_CHANGED when a point or another link needs one of them; nothing is changed then.
 */
export async function dropLinks(sql: Sql, ids: readonly string[]): Promise<void> {
  await atomically(sql, async (trx) => {
    const rows = (await trx(linkTable).whereIn('id', [...ids])) as LinkRecord[];
    for (const chainId of chainsOf(rows)) await lockChain(trx, chainId);
    const { rows: needed } = await trx.raw<{ rows: { id: string }[] }>(
      `select links.id from emberkeep.links join emberkeep.points on points.id = links.point_id
       where links.id = any(:ids) and points.state <> 'deleted'
       union all
       select parent_link_id from emberkeep.links where parent_link_id = any(:ids) and id <> all(:ids)`,
      { ids: [...ids] },
    );
    if (needed[0] !== undefined) throw chainChanged(needed[0].id);
    await forget(trx, rows, undefined);
  });
}

export interface CatalogFold {
  /** Unneeded links in the order of the chain and, last, the needed one. */
  linkIds: readonly string[];
  /** What takes the place of all of them; it and every manifest that names it are durable in the store (I1). */
  link: LinkManifest;
}

/**
 * Puts one link in the place of a run of them, in one transaction: the point of the last one and everything that stands
 * on it name the new link from then on. Repeating it changes nothing.
 *
 * @throws CONFLICT_CHAIN_CHANGED when the chain is not what it was when the fold was planned; INTEGRITY_LINK_DAMAGED
 * when one of the run was found damaged meanwhile (I8). Nothing is changed then.
 */
export async function foldLinks(sql: Sql, { linkIds, link }: CatalogFold): Promise<void> {
  await atomically(sql, async (trx) => {
    await lockChain(trx, link.chainId);
    const isDone = (await trx(linkTable).where('id', link.linkId).first('id')) as unknown;
    if (isDone !== undefined) return;
    const run = await runOf(trx, linkIds, link);
    const last = run.at(-1);
    if (last === undefined) throw chainChanged(link.linkId);
    await forget(trx, run, link.linkId);
    await insertLink(trx, link, last.store_id);
    if (last.snapshot_released_at !== null)
      await trx(linkTable)
        .where('id', link.linkId)
        .update({ snapshot_released_at: last.snapshot_released_at });
    await trx(linkTable)
      .where('parent_link_id', last.id)
      .update({
        parent_link_id: link.linkId,
        manifest: trx.raw(`jsonb_set(manifest, '{parentLinkId}', to_jsonb(?::text))`, [link.linkId]),
      });
    await renameInPoint(trx, link);
  });
}

async function runOf(trx: SqlTransaction, ids: readonly string[], link: LinkManifest): Promise<LinkRecord[]> {
  const rows = (await trx(linkTable).whereIn('id', [...ids])) as LinkRecord[];
  const run = ids.map((id) => {
    const row = rows.find((each) => each.id === id);
    if (row === undefined) throw chainChanged(id);
    return row;
  });
  const damaged = run.find(({ state }) => state === 'damaged');
  if (damaged !== undefined) {
    throw new AppError(
      'INTEGRITY_LINK_DAMAGED',
      `Link ${damaged.id} was found damaged (${damaged.damaged_reason ?? 'no reason recorded'}): it is not folded.`,
      { details: { linkId: damaged.id } },
    );
  }
  const [first, last] = [run[0], run.at(-1)];
  const isRun = run.every((row, at) => at === 0 || row.parent_link_id === run[at - 1]?.id);
  const fits =
    first?.parent_link_id === link.parentLinkId &&
    last?.point_id === link.pointId &&
    last.disk_key === link.diskKey &&
    last.chain_id === link.chainId;
  if (!isRun || !fits) throw chainChanged(link.linkId);
  await assertUnneeded(trx, ids);
  return run;
}

/** All but the last of the run: their points are deleted, and nothing but the next of the run stands on them. */
async function assertUnneeded(trx: SqlTransaction, ids: readonly string[]): Promise<void> {
  const { rows } = await trx.raw<{ rows: { id: string }[] }>(
    `select links.id from emberkeep.links join emberkeep.points on points.id = links.point_id
     where links.id = any(:unneeded) and points.state <> 'deleted'
     union all
     select parent_link_id from emberkeep.links where parent_link_id = any(:unneeded) and id <> all(:ids)`,
    { ids: [...ids], unneeded: ids.slice(0, -1) },
  );
  if (rows[0] !== undefined) throw chainChanged(rows[0].id);
}

/** Ids of links that are gone still name snapshots on sources, and those of folded ones are in plans of restores. */
async function forget(
  trx: SqlTransaction,
  rows: readonly LinkRecord[],
  successorId: string | undefined,
): Promise<void> {
  const last = rows.at(-1);
  if (last === undefined) return;
  if (successorId !== undefined)
    await trx(formerTable).where('successor_id', last.id).update({ successor_id: successorId });
  await trx(formerTable).insert(
    rows.map(({ id, disk_key }) => ({
      id,
      disk_key,
      successor_id: successorId !== undefined && id === last.id ? successorId : null,
    })),
  );
  await trx(linkTable)
    .whereIn(
      'id',
      rows.map(({ id }) => id),
    )
    .delete();
}

async function renameInPoint(trx: SqlTransaction, { linkId, pointId, diskKey }: LinkManifest): Promise<void> {
  const row = (await trx(pointTable).where('id', pointId).forUpdate().first()) as PointRecord;
  const manifest: PointManifest = {
    ...row.manifest,
    disks: row.manifest.disks.map((disk) => (disk.disk.key === diskKey ? { ...disk, linkId } : disk)),
  };
  await trx(pointTable)
    .where('id', pointId)
    .update({ manifest: toJson(manifest) });
}

function chainsOf(rows: readonly LinkRecord[]): string[] {
  return [...new Set(rows.map(({ chain_id }) => chain_id))].sort();
}

function chainChanged(linkId: string): AppError {
  return new AppError(
    'CONFLICT_CHAIN_CHANGED',
    `The chain of link ${linkId} changed while its links were folded: expire again.`,
    { details: { linkId } },
  );
}
