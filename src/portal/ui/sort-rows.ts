/** What a column is sorted by; undefined values come last, whichever the direction. */
export type SortKey = string | number | undefined;

export interface Sorting {
  column: string;
  descending: boolean;
}

/** The rows in another order; equal ones keep theirs. */
export function sortRows<R>(
  rows: readonly R[],
  keyOf: (row: R) => SortKey,
  { descending, tag }: { descending: boolean; tag: string },
): R[] {
  const words = new Intl.Collator(tag, { numeric: true });
  return rows.toSorted((one, other) => {
    const a = keyOf(one);
    const b = keyOf(other);
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    const order =
      typeof a === 'number' && typeof b === 'number' ? a - b : words.compare(String(a), String(b));
    return descending ? -order : order;
  });
}

/** A sorting as the API takes it, `field:direction`; empty for the order of the service. */
export function sortText(sorting: Sorting | undefined): string {
  return sorting === undefined ? '' : `${sorting.column}:${sorting.descending ? 'desc' : 'asc'}`;
}

/** The sorting that such a text means; undefined for none. */
export function parseSort(text: string): Sorting | undefined {
  const [, column, direction] = /^(\w+):(asc|desc)$/.exec(text) ?? [];
  return column === undefined ? undefined : { column, descending: direction === 'desc' };
}

/** An order as the API takes it. */
export type Sorted<Field extends string> = `${Field}:${'asc' | 'desc'}`;

/** The order of a page's address, if it is one that the API has for this list. */
export function sortAmong<Field extends string>(
  fields: readonly Field[],
  text: string,
): Sorted<Field> | undefined {
  const all = fields.flatMap((field): Sorted<Field>[] => [`${field}:asc`, `${field}:desc`]);
  return all.find((one) => one === text);
}

/** What a click on a column's head makes of the sorting: up, down, and back to the order of the service. */
export function nextSorting(sorting: Sorting | undefined, column: string): Sorting | undefined {
  if (sorting?.column !== column) return { column, descending: false };
  return sorting.descending ? undefined : { column, descending: true };
}
