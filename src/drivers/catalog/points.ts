import { AppError } from '../../base/errors.ts';
import { isUuid } from '../../base/ids.ts';
import type { LinkManifest, PointKind } from '../../domain/manifest.ts';
import type { Sql, SqlTransaction } from './connect.ts';
import { chainOfLink, insertLink, lockChain } from './links.ts';
import { atomically, pageOf } from './page.ts';
import { pointColumns, toJson, toPointRow, type PointRecord } from './rows.ts';
import type { NewPoint, PointFilter, PointRow, PointState } from './types.ts';

const table = 'emberkeep.points';

/**
 * Makes a point and its links visible, all or nothing, after their manifests are durable in the store (I1). Repeating
 * it after a lost answer or a crash changes nothing.
 *
 * When a link below one of these was found damaged meanwhile, the point is committed as `damaged`: its bytes are real,
 * but it cannot be restored (I8).
 *
 * @throws CONFLICT_ID_TAKEN when the point's or a link's id holds something else; CATALOG_STORE_UNKNOWN.
 */
export async function commitPoint(sql: Sql, point: NewPoint): Promise<PointRow> {
  return atomically(sql, async (trx) => {
    assertLinksFit(point);
    // Always in the same order: two commits of points with several disks must not wait for each other.
    for (const chainId of [...new Set(point.links.map((link) => link.chainId))].sort()) {
      await lockChain(trx, chainId);
    }
    await insertPoint(trx, point);
    for (const link of point.links) {
      const isNew = await insertLink(trx, link, point.manifest.storeId);
      if (!isNew) await assertSame(trx, 'emberkeep.links', link.linkId, link);
    }
    const reason = await firstDamage(trx, point.links);
    if (reason !== undefined) {
      await trx(table)
        .where({ id: point.manifest.pointId, state: 'complete' })
        .update({ state: 'damaged', damaged_reason: reason });
    }
    return toPointRow((await trx(table).where('id', point.manifest.pointId).first()) as PointRecord);
  });
}

async function insertPoint(trx: SqlTransaction, { manifest, jobId }: NewPoint): Promise<void> {
  const store = (await trx('emberkeep.stores').where('id', manifest.storeId).first('id')) as unknown;
  if (store === undefined) {
    throw new AppError('CATALOG_STORE_UNKNOWN', `The catalog does not know the store ${manifest.storeId}.`);
  }
  const inserted = (await trx(table)
    .insert({
      ...pointColumns(manifest),
      state: 'complete',
      job_id: jobId ?? null,
    })
    .onConflict('id')
    .ignore()
    .returning('id')) as unknown[];
  if (inserted.length === 0) await assertSame(trx, table, manifest.pointId, manifest);
}

function assertLinksFit({ manifest, links }: NewPoint): void {
  const fits =
    links.length === manifest.disks.length &&
    manifest.disks.every((disk) =>
      links.some(
        (link) =>
          link.linkId === disk.linkId && link.diskKey === disk.disk.key && link.pointId === manifest.pointId,
      ),
    );
  if (!fits) {
    throw new AppError(
      'BUG_POINT_LINKS',
      `Point ${manifest.pointId} does not name the links that came with it.`,
    );
  }
}

async function assertSame(trx: SqlTransaction, where: string, id: string, manifest: object): Promise<void> {
  const same = (await trx(where)
    .where('id', id)
    .whereRaw('manifest = ?::jsonb', [toJson(manifest)])
    .first('id')) as unknown;
  if (same === undefined) {
    throw new AppError('CONFLICT_ID_TAKEN', `The catalog holds something else under the id ${id}.`, {
      details: { id },
    });
  }
}

async function firstDamage(trx: SqlTransaction, links: LinkManifest[]): Promise<string | undefined> {
  for (const link of links) {
    try {
      const damaged = (await chainOfLink(trx, link.linkId)).find(({ state }) => state === 'damaged');
      if (damaged) return `link ${damaged.id}: ${damaged.damagedReason ?? 'damaged'}`;
    } catch (error) {
      if (error instanceof AppError && error.code === 'INTEGRITY_CHAIN_BROKEN') return error.message;
      throw error;
    }
  }
  return undefined;
}

export async function getPoint(sql: Sql, id: string): Promise<PointRow | undefined> {
  if (!isUuid(id)) return undefined;
  const row = (await sql(table).where('id', id).first()) as PointRecord | undefined;
  return row && toPointRow(row);
}

/** The name without upper case, by code points: what a search for a beginning and its order need in one index. */
const foldedName = '(lower(source_name) collate "C")';

/** After every character that a name can go on with. */
const lastCharacter = '\u{10FFFF}';

/** Orders of the list beside its usual one, each with indexes (migration 0021). */
const sorts = { source_name: foldedName, size_bytes: 'size_bytes', stored_bytes: 'stored_bytes' };

/**
 * Newest first by the time they were taken; those of a beginning of names in the order of the names.
 *
 * @throws INPUT_SORT when those of a beginning are to be in another order, for which no index could find them.
 */
export async function listPoints(sql: Sql, filter: PointFilter = {}): Promise<PointRow[]> {
  const query = sql(table).whereIn(
    'state',
    filter.states ?? (['complete', 'damaged'] satisfies PointState[]),
  );
  if (filter.kind !== undefined) query.where('kind', filter.kind);
  if (filter.sourceId !== undefined) query.where('source_id', filter.sourceId);
  if (filter.sourceName !== undefined) query.where('source_name', filter.sourceName);
  if (filter.namePrefix !== undefined) {
    const { namePrefix } = filter;
    query.whereRaw(`${foldedName} >= lower(?) and ${foldedName} < lower(?)`, [
      namePrefix,
      `${namePrefix}${lastCharacter}`,
    ]);
  }
  if (filter.source !== undefined) {
    const { source } = filter;
    query.whereRaw('(source_id = ? or source_name = ?)', [source, source]);
  }
  if (filter.projectId !== undefined) query.where('project_id', filter.projectId);
  if (filter.storeId !== undefined) query.where('store_id', filter.storeId);
  if (filter.since !== undefined) query.where('taken_at', '>=', filter.since);
  if (filter.before !== undefined) query.where('taken_at', '<', filter.before);
  const page = { ...filter, sort: sortOf(filter) };
  return (await pageOf<PointRecord>(query, 'taken_at', page, sorts)).map(toPointRow);
}

function sortOf({ sort, namePrefix }: PointFilter): PointFilter['sort'] {
  if (namePrefix === undefined) return sort;
  if (sort !== undefined && sort.by !== 'source_name')
    throw new AppError(
      'INPUT_SORT',
      'points of a beginning of names are listed by name; take source_name as sort, or leave the sort out',
    );
  return sort ?? { by: 'source_name', direction: 'asc' };
}

/** The newest complete point of a source, taken at or before `at` when that is given. */
export async function latestPointFor(
  sql: Sql,
  source: { kind: PointKind; sourceId: string },
  at?: Date,
): Promise<PointRow | undefined> {
  const query = sql(table)
    .where({ kind: source.kind, source_id: source.sourceId, state: 'complete' })
    .orderBy('taken_at', 'desc');
  if (at !== undefined) query.where('taken_at', '<=', at);
  const row = (await query.first()) as PointRecord | undefined;
  return row && toPointRow(row);
}

/** The newest complete point of each source that has one: for a whole page of instances at once. */
export async function latestPointsFor(
  sql: Sql,
  kind: PointKind,
  sourceIds: readonly string[],
): Promise<PointRow[]> {
  const rows = (await sql(table)
    .distinctOn('source_id')
    .where({ kind, state: 'complete' })
    .whereIn('source_id', sourceIds)
    .orderBy([{ column: 'source_id' }, { column: 'taken_at', order: 'desc' }])) as PointRecord[];
  return rows.map(toPointRow);
}
