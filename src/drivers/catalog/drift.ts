/** What the catalog says should be in a store and in the clusters, some rows at a time, for the comparison with what is. */
import type { Sql } from './connect.ts';

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
