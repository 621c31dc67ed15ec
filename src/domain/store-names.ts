/** The stores of a service by the names that its configuration gives them. */
import { AppError } from '../base/errors.ts';

export interface StoreNames {
  names: readonly string[];
  /** Where goes what names no store; one of the names. */
  defaultName: string;
}

/** @throws INPUT_STORE, naming what there is. */
export function assertStoreName({ names }: Pick<StoreNames, 'names'>, name: string | undefined): void {
  if (name === undefined || names.includes(name)) return;
  throw unknownStore(name, names);
}

export function unknownStore(name: string, names: readonly string[]): AppError {
  const known = names.length === 1 ? `its store is ${names[0]}` : `it has ${names.join(', ')}`;
  return new AppError('INPUT_STORE', `this service has no store ${JSON.stringify(name)}; ${known}`);
}

/** Among rows of the catalog, by name or id. */
export function findStore<T extends { id: string; name: string | undefined }>(
  stores: readonly T[],
  nameOrId: string,
): T {
  const found = storeOf(stores, nameOrId);
  if (found !== undefined) return found;
  throw unknownStore(
    nameOrId,
    stores.map(({ name, id }) => name ?? id),
  );
}

/** By its name, else by its id. */
export function storeOf<T extends { id: string | undefined; name: string | undefined }>(
  stores: readonly T[],
  nameOrId: string,
): T | undefined {
  return stores.find(({ name }) => name === nameOrId) ?? stores.find(({ id }) => id === nameOrId);
}
