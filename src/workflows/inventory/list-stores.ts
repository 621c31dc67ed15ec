import { authorize, notFound, type Caller } from '../../domain/access.ts';
import { storeOf, type StoreNames } from '../../domain/store-names.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { Page } from '../page.ts';
import { pageOfWhole, type WholeListRequest } from '../whole-list.ts';

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
  placeOf: (name: string) => string;
  /** Whether each is there, by name. */
  there: () => Promise<ReadonlyMap<string, boolean>>;
  /** By id. */
  space: () => Promise<ReadonlyMap<string, { totalBytes: number; freeBytes: number }>>;
}

export interface StoreFilter extends WholeListRequest {
  state: StoreSummary['state'] | undefined;
}

/** A page of them. */
export async function listStorePage(
  deps: ListStoresDeps,
  caller: Caller,
  { state, ...page }: StoreFilter,
): Promise<Page<StoreSummary>> {
  const wanted = (await listStores(deps, caller)).filter((store) => [undefined, store.state].includes(state));
  return pageOfWhole(wanted, page, {
    // One that was never there has no id yet.
    idOf: ({ id, name }) => id ?? name ?? '',
    keys: {
      name: ({ name, description, url }) => (name ?? description ?? url).toLowerCase(),
      links: ({ links }) => links,
      stored_bytes: ({ storedBytes }) => storedBytes,
      free_bytes: ({ freeBytes }) => freeBytes,
      created_at: ({ createdAt }) => createdAt?.getTime(),
    },
  });
}

/** Those of the configuration, the default one first, then what else has points. A store is nobody's: who sees the cloud sees it. */
export async function listStores(
  { catalog, stores }: ListStoresDeps,
  caller: Caller,
): Promise<StoreSummary[]> {
  authorize(caller, 'inspect', null, 'the stores');
  const [rows, usage] = [await catalog.stores.list(), await catalog.watch.stores()];
  const known = rows.map((row): StoreSummary => {
    const { id, url, description, createdAt } = row;
    const { links, storedBytes } = usage.find(({ storeId }) => storeId === id) ?? {
      links: 0,
      storedBytes: 0,
    };
    return { ...unconfigured, id, url, description, createdAt, links, storedBytes };
  });
  if (stores === undefined) return known;
  const [there, space] = await Promise.all([stores.there(), stores.space()]);
  const configured = stores.names.map((name): StoreSummary => {
    const id = rows.find((row) => row.name === name)?.id;
    const seen = known.find((store) => store.id === id) ?? { ...unconfigured, url: stores.placeOf(name) };
    const isDefault = name === stores.defaultName;
    const state = there.get(name) === true ? 'available' : 'away';
    return { ...seen, ...space.get(id ?? ''), name, isDefault, state };
  });
  const others = known.filter(({ id }) => configured.every((store) => store.id !== id));
  return [...configured, ...others];
}

const unconfigured: StoreSummary = {
  id: undefined,
  name: undefined,
  isDefault: false,
  state: 'unconfigured',
  url: '',
  description: undefined,
  links: 0,
  storedBytes: 0,
  totalBytes: undefined,
  freeBytes: undefined,
  createdAt: undefined,
};

export async function showStore(
  deps: ListStoresDeps,
  caller: Caller,
  nameOrId: string,
): Promise<StoreSummary> {
  const found = storeOf(await listStores(deps, caller), nameOrId);
  if (found === undefined) throw notFound(`store "${nameOrId}"`);
  return found;
}

/** By id: names of stores, their ids where they have none. */
export async function storeNames({ stores }: Pick<Catalog, 'stores'>): Promise<(storeId: string) => string> {
  const names = new Map((await stores.list()).map(({ id, name }) => [id, name]));
  return (storeId) => names.get(storeId) ?? storeId;
}
