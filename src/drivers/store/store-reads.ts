import type { ObjectStore } from './object-store.ts';

/** What reading links takes of a store. */
export type StoreReads = Pick<ObjectStore, 'get' | 'open' | 'list'>;

/** The same, until a signal is aborted: what reads a link need not hand it on to all that it is made of. */
export function readsUntil(store: StoreReads, signal: AbortSignal | undefined): StoreReads {
  if (signal === undefined) return store;
  const options = { signal };
  return {
    get: (key, maxBytes) => store.get(key, maxBytes, options),
    open: (key) => store.open(key, options),
    list: (prefix) => store.list(prefix, options),
  };
}
