import type { Sql } from './connect.ts';
import { toStoreRow, type Columns } from './rows.ts';
import type { StoreRow } from './types.ts';

const table = 'emberkeep.stores';
type StoreRecord = Columns<StoreRow>;

/** Makes a store known before points can be committed to it; its address may change, its id never does. */
export async function upsertStore(
  sql: Sql,
  store: { id: string; url: string; description?: string | undefined },
): Promise<StoreRow> {
  const [row] = (await sql(table)
    .insert({ id: store.id, url: store.url, description: store.description ?? null })
    .onConflict('id')
    .merge(['url', 'description'])
    .returning('*')) as [StoreRecord];
  return toStoreRow(row);
}

export async function getStore(sql: Sql, id: string): Promise<StoreRow | undefined> {
  const row = (await sql(table).where('id', id).first()) as StoreRecord | undefined;
  return row && toStoreRow(row);
}

export async function listStores(sql: Sql): Promise<StoreRow[]> {
  const rows = (await sql(table).orderBy('id')) as StoreRecord[];
  return rows.map(toStoreRow);
}
