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
 * @param time column that the list is usually sorted by; it breaks ties of other orders, and the id its own.
 * @param sorts SQL of the other orders by name, never null.
 * @throws INPUT_MARKER_UNKNOWN, INPUT_SORT.
 */
export async function pageOf<Result>(
  filtered: Knex.QueryBuilder,
  time: string,
  { limit, marker, sort }: Page,
  sorts: Readonly<Record<string, string>> = {},
): Promise<Result[]> {
  const query = filtered.clone();
  const order = sort?.direction ?? 'desc';
  const keys = keysOf(time, sort?.by ?? time, sorts);
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
    const row = keys.join(', ');
    query.whereRaw(`(${row}) ${order === 'asc' ? '>' : '<'} (?)`, [anchor.select(anchor.client.raw(row))]);
  }
  return (await query
    .select('*')
    .orderByRaw(keys.map((key) => `${key} ${order}`).join(', '))
    .limit(limitOf(limit))) as Result[];
}

/** Nothing of a request gets into the statement: what is asked for is looked up. */
function keysOf(time: string, by: string, sorts: Readonly<Record<string, string>>): string[] {
  if (by === time) return [time, 'id'];
  const expression = Object.hasOwn(sorts, by) ? sorts[by] : undefined;
  if (expression === undefined)
    throw new AppError('INPUT_SORT', `this list has no order by ${by}; leave the sort out`);
  return [expression, time, 'id'];
}

export function limitOf(limit: number | undefined): number {
  return Math.min(Math.max(1, Math.trunc(limit ?? defaultLimit)), largestLimit);
}

/** Runs several statements as one, inside the caller's transaction when there is one. */
export async function atomically<T>(sql: Sql, run: (trx: SqlTransaction) => Promise<T>): Promise<T> {
  return sql.isTransaction === true ? run(sql as SqlTransaction) : sql.transaction(run);
}
