/** Pages of a listing in an order, or under a filter, that its source does not know. */
import type { Page, PageRequest } from '../page.ts';

/** undefined comes last, whichever the direction. */
export type SortKey = string | number | undefined;

export interface Order<T> {
  keyOf: (item: T) => SortKey;
  direction: 'asc' | 'desc';
}

export type ReadPage<T> = (page: PageRequest) => Promise<Page<T>>;

const readSize = 500;
/** Pages that one request looks through for something to show; then it gives what it has, with a marker to go on. */
const mostPages = 20;

/**
 * The items after `after` in this order; equal ones are ordered by id. All of the source is read for each page, and no
 * more of it kept than two pages (I11).
 *
 * @param after the last item of the page before, as it is now.
 */
export async function orderedPage<T extends { id: string }>(
  read: ReadPage<T>,
  { order, limit, after }: { order: Order<T>; limit: number; after: T | undefined },
  keep: (item: T) => boolean = () => true,
): Promise<Page<T>> {
  const compare = comparison(order);
  let best: T[] = [];
  for (let marker: string | undefined, isFirst = true; isFirst || marker !== undefined; isFirst = false) {
    const page = await read({ limit: readSize, marker });
    const wanted = page.items.filter(
      (item) => keep(item) && (after === undefined || compare(item, after) > 0),
    );
    best = [...best, ...wanted].sort(compare).slice(0, limit + 1);
    marker = page.nextMarker;
  }
  const items = best.slice(0, limit);
  return { items, nextMarker: best.length > limit ? items.at(-1)?.id : undefined };
}

/** In the source's own order, those alone that are wanted. */
export async function filteredPage<T extends { id: string }>(
  read: ReadPage<T>,
  { limit, marker }: PageRequest,
  keep: (item: T) => boolean,
): Promise<Page<T>> {
  const items: T[] = [];
  let next = marker;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const page = await read({ limit: readSize, marker: next });
    for (const [index, item] of page.items.entries()) {
      if (!keep(item)) continue;
      items.push(item);
      if (items.length < limit) continue;
      const hasMore = index + 1 < page.items.length || page.nextMarker !== undefined;
      return { items, nextMarker: hasMore ? item.id : undefined };
    }
    next = page.nextMarker;
    if (next === undefined) break;
  }
  return { items, nextMarker: next };
}

function comparison<T extends { id: string }>({ keyOf, direction }: Order<T>): (a: T, b: T) => number {
  const sign = direction === 'asc' ? 1 : -1;
  return (one, other) =>
    compareKeys(keyOf(one), keyOf(other), sign) || (one.id < other.id ? -1 : Number(one.id > other.id));
}

function compareKeys(a: SortKey, b: SortKey, sign: 1 | -1): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (a === b) return 0;
  return a < b ? -sign : sign;
}
