import type { Sql } from './connect.ts';
import { atomically } from './page.ts';
import { toStoreRow, type Columns } from './rows.ts';
import type { StoreRow } from './types.ts';

const table = 'emberkeep.stores';
type StoreRecord = Columns<StoreRow>;

export type NewStore = Pick<StoreRow, 'id' | 'url'> &
  Partial<Pick<StoreRow, 'description' | 'name' | 'isDefault'>>;

/**
 * Makes a store known before points can be committed to it. Its address and its name may change, its id never does; a
 * store that had the name before has none from then on.
 */
export async function upsertStore(
  sql: Sql,
  { id, url, description, name, isDefault = false }: NewStore,
): Promise<StoreRow> {
  return atomically(sql, async (trx) => {
    // Replicas start together and say the same.
    await trx.raw('lock table emberkeep.stores in share row exclusive mode');
    if (name !== undefined) await trx(table).where({ name }).whereNot({ id }).update({ name: null });
    if (isDefault) await trx(table).where('is_default', true).whereNot({ id }).update({ is_default: false });
    const [row] = (await trx(table)
      .insert({ id, url, description: description ?? null, name: name ?? null, is_default: isDefault })
      .onConflict('id')
      .merge(['url', 'description', ...(name === undefined ? [] : ['name', 'is_default'])])
      .returning('*')) as [StoreRecord];
    return toStoreRow(row);
  });
}

/** The store of this name is the default one from now on, also when it cannot be opened now; none is when none has the name. */
export async function setDefaultStore(sql: Sql, name: string): Promise<void> {
  await atomically(sql, async (trx) => {
    await trx.raw('lock table emberkeep.stores in share row exclusive mode');
    await trx(table)
      .where('is_default', true)
      .whereRaw('name is distinct from ?', [name])
      .update({ is_default: false });
    await trx(table).where({ name, is_default: false }).update({ is_default: true });
  });
}

export async function getStore(sql: Sql, id: string): Promise<StoreRow | undefined> {
  const row = (await sql(table).where('id', id).first()) as StoreRecord | undefined;
  return row && toStoreRow(row);
}

export async function listStores(sql: Sql): Promise<StoreRow[]> {
  const rows = (await sql(table).orderBy('id')) as StoreRecord[];
  return rows.map(toStoreRow);
}
