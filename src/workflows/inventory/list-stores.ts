import { authorize, notFound, type Caller } from '../../domain/access.ts';
import type { StoreNames } from '../../domain/store-names.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { StoreRow } from '../../drivers/catalog/types.ts';

/** `unconfigured`: the catalog has points in it, and this service does not name it. */
export const storeStates = ['available', 'away', 'unconfigured'] as const;

export interface StoreSummary {
  /** undefined for one that was never there. */
  id: string | undefined;
  /** undefined for one that is not configured any more. */
  name: string | undefined;
  isDefault: boolean;
  state: (typeof storeStates)[number];
  /** Without credentials (I10). */
  url: string;
  description: string | undefined;
  links: number;
  /** Segments and indexes of its links. */
  storedBytes: number;
  /** Of the file system that it is on, where that can be asked. */
  totalBytes: number | undefined;
  freeBytes: number | undefined;
  createdAt: Date | undefined;
}

export interface ListStoresDeps {
  catalog: Pick<Catalog, 'stores' | 'watch'>;
  /** undefined where nothing but the catalog is there to ask. */
  stores: StoresSeen | undefined;
}

/** The stores of this service as it sees them now. */
export interface StoresSeen extends StoreNames {
  placeOf(name: string): string;
  /** Whether each is there, by name. */
  there(): Promise<ReadonlyMap<string, boolean>>;
  /** By id. */
  space(): Promise<ReadonlyMap<string, { totalBytes: number; freeBytes: number }>>;
}

/** Those of the configuration, the default one first, then what else has points. A store is nobody's: who sees the cloud sees it. */
export async function listStores(
  { catalog, stores }: ListStoresDeps,
  caller: Caller,
): Promise<StoreSummary[]> {
  authorize(caller, 'inspect', null, 'the stores');
  const [rows, usage, there, space] = await Promise.all([
    catalog.stores.list(),
    catalog.watch.stores(),
    stores?.there(),
    stores?.space(),
  ]);
  const names = stores?.names ?? [];
  const of = (name: string | undefined, row: StoreRow | undefined): StoreSummary => {
    const used = usage.find(({ storeId }) => storeId === row?.id);
    return {
      id: row?.id,
      name,
      isDefault: name !== undefined && name === stores?.defaultName,
      state: name === undefined ? 'unconfigured' : there?.get(name) === true ? 'available' : 'away',
      url: row?.url ?? (name === undefined ? '' : (stores?.placeOf(name) ?? '')),
      description: row?.description,
      links: used?.links ?? 0,
      storedBytes: used?.storedBytes ?? 0,
      totalBytes: space?.get(row?.id ?? '')?.totalBytes,
      freeBytes: space?.get(row?.id ?? '')?.freeBytes,
      createdAt: row?.createdAt,
    };
  };
  const others = rows.filter(({ name }) => name === undefined || !names.includes(name));
  return [
    ...names.map((name) =>
      of(
        name,
        rows.find((row) => row.name === name),
      ),
    ),
    ...others.map((row) => of(undefined, row)),
  ];
}

export async function showStore(
  deps: ListStoresDeps,
  caller: Caller,
  nameOrId: string,
): Promise<StoreSummary> {
  const stores = await listStores(deps, caller);
  const found = stores.find(({ name }) => name === nameOrId) ?? stores.find(({ id }) => id === nameOrId);
  if (found === undefined) throw notFound(`store "${nameOrId}"`);
  return found;
}

/** By id: names of stores, their ids where they have none. */
export async function storeNames({ stores }: Pick<Catalog, 'stores'>): Promise<(storeId: string) => string> {
  const names = new Map((await stores.list()).map(({ id, name }) => [id, name]));
  return (storeId) => names.get(storeId) ?? storeId;
}
