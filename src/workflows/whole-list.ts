/** Pages of a list that is in memory whole, since what it is of is few, or is read at once. */
import { AppError } from '../base/errors.ts';
import type { Page } from './page.ts';

export interface WholeListRequest {
  /** Everything when undefined. */
  limit: number | undefined;
  marker: string | undefined;
  /** As the list itself is when undefined. */
  sort?: { by: string; direction: 'asc' | 'desc' } | undefined;
}

type Key = string | number | undefined;

/**
 * The items after the marker. Those without a value come last, whichever the direction; equal ones stay as they are.
 *
 * @throws INPUT_MARKER_UNKNOWN when the list has no such item, INPUT_SORT for an order that it does not have.
 */
export function pageOfWhole<T>(
  items: readonly T[],
  { limit, marker, sort }: WholeListRequest,
  { idOf, keys }: { idOf: (item: T) => string; keys: Readonly<Record<string, (item: T) => Key>> },
): Page<T> {
  const ordered = sort === undefined ? items : inOrder(items, keyOf(keys, sort.by), sort.direction);
  const before = marker === undefined ? -1 : ordered.findIndex((item) => idOf(item) === marker);
  if (marker !== undefined && before === -1) {
    throw new AppError('INPUT_MARKER_UNKNOWN', `There is no entry ${marker} to list after: drop the marker.`);
  }
  const rest = ordered.slice(before + 1);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page,
    nextMarker: rest.length > page.length && last !== undefined ? idOf(last) : undefined,
  };
}

function keyOf<T>(keys: Readonly<Record<string, (item: T) => Key>>, by: string): (item: T) => Key {
  const key = Object.hasOwn(keys, by) ? keys[by] : undefined;
  if (key === undefined)
    throw new AppError('INPUT_SORT', `this list has no order by ${by}; leave the sort out`);
  return key;
}

function inOrder<T>(items: readonly T[], keyOfItem: (item: T) => Key, direction: 'asc' | 'desc'): T[] {
  const sign = direction === 'asc' ? 1 : -1;
  return items.toSorted((one, other) => {
    const [a, b] = [keyOfItem(one), keyOfItem(other)];
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    if (a === b) return 0;
    return a < b ? -sign : sign;
  });
}
