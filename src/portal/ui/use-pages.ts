import { useState } from 'preact/hooks';
import { toApiError, type ApiError } from '../api/api-error.ts';
import { useQuery } from './use-query.ts';

/** One page of a list as the API gives it. */
export interface ListPage<T> {
  items: T[];
  /** Where the next page begins; undefined on the last one. */
  next: string | undefined;
}

export interface Pages<T> {
  items: T[] | undefined;
  error: ApiError | undefined;
  loading: boolean;
  /** There is no more than these. */
  complete: boolean;
  more: () => void;
  reload: () => void;
}

interface Later<T> extends ListPage<T> {
  key: string;
  error?: ApiError | undefined;
  loading: boolean;
}

/**
 * A list of the API, page after page: the first is read at once (and again every `refreshMs`, ms), the following ones
 * on demand, after it.
 */
export function usePages<T>(
  key: string,
  read: (marker: string | undefined, signal?: AbortSignal) => Promise<ListPage<T>>,
  refreshMs?: number,
): Pages<T> {
  const [later, setLater] = useState<Later<T> | undefined>(undefined);
  const mine = later?.key === key ? later : undefined;
  // With later pages open the first one stays as it is: what moves between pages would be there twice, or not at all.
  const first = useQuery(key, (signal) => read(undefined, signal), {
    refreshMs: mine === undefined ? refreshMs : undefined,
  });
  const next = mine === undefined ? first.data?.next : mine.next;
  const more = async (): Promise<void> => {
    const items = mine?.items ?? [];
    setLater({ key, items, next, loading: true });
    try {
      const page = await read(next);
      setLater({ key, items: [...items, ...page.items], next: page.next, loading: false });
    } catch (error) {
      setLater({ key, items, next, loading: false, error: toApiError(error) });
    }
  };
  return {
    items: first.data === undefined ? undefined : [...first.data.items, ...(mine?.items ?? [])],
    error: first.error ?? mine?.error,
    loading: first.loading || mine?.loading === true,
    complete: first.data !== undefined && next === undefined,
    more: () => void more(),
    reload: () => {
      setLater(undefined);
      first.reload();
    },
  };
}
