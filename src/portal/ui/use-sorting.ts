import { sortAmong, type Sorted } from './sort-rows.ts';
import type { ApiSorting } from './table.tsx';
import { useQueryState } from './use-query-state.ts';

/**
 * The order of a list, which lives in the page's address: as its heads show it, and as the API is asked for it. `name` tells
 * the lists of one page apart.
 */
export function useSorting<Field extends string>(
  fields: readonly Field[],
  name = 'sort',
): { sort: Sorted<Field> | undefined; sorting: ApiSorting } {
  const [text, onSort] = useQueryState(name);
  const sort = sortAmong(fields, text);
  return { sort, sorting: { sort: sort ?? '', onSort } };
}
