import { AppError } from '../../base/errors.ts';
import { isUuid } from '../../base/ids.ts';
import type { Sql, SqlTransaction } from './connect.ts';
import type { Page } from './types.ts';
import type { Knex } from 'knex';

const defaultLimit = 100;
const largestLimit = 10_000;

/**
 * Cuts one page out of a filtered query, newest first unless told. The marker is looked up under the same filter: one that
 * belongs to another project is as unknown as one that never was (I7).
 *
 * @param time column to sort by; ties are broken by id.
 * @throws INPUT_MARKER_UNKNOWN.
 */
export async function pageOf<Result>(
  filtered: Knex.QueryBuilder,
  time: string,
  { limit, marker, oldestFirst = false }: Page,
): Promise<Result[]> {
  const query = filtered.clone();
  const order = oldestFirst ? 'asc' : 'desc';
  if (marker !== undefined) {
    const anchor = isUuid(marker) ? filtered.clone().where('id', marker) : undefined;
    const found = anchor && (await anchor.clone().first<{ id: string } | undefined>('id'));
    if (!anchor || !found) {
      throw new AppError(
        'INPUT_MARKER_UNKNOWN',
        `There is no entry ${marker} to list after: drop the marker.`,
      );
    }
    // Compared inside the database: its timestamps are finer than a Date.
    query.whereRaw(`(??, id) ${oldestFirst ? '>' : '<'} (?)`, [time, anchor.select(time, 'id')]);
  }
  return (await query
    .select('*')
    .orderBy([
      { column: time, order },
      { column: 'id', order },
    ])
    .limit(limitOf(limit))) as Result[];
}

export function limitOf(limit: number | undefined): number {
  return Math.min(Math.max(1, Math.trunc(limit ?? defaultLimit)), largestLimit);
}

/** Runs several statements as one, inside the caller's transaction when there is one. */
export async function atomically<T>(sql: Sql, run: (trx: SqlTransaction) => Promise<T>): Promise<T> {
  return sql.isTransaction === true ? run(sql as SqlTransaction) : sql.transaction(run);
}
