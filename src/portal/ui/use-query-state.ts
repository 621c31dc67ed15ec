import { useLocation } from 'preact-iso';

/** A filter that lives in the page's address, so that reload, back and a shared link keep it. Empty means none. */
export function useQueryState(name: string): [value: string, set: (value: string) => void] {
  const { path, query, route } = useLocation();
  const set = (value: string): void => {
    const next = new URLSearchParams(query);
    if (value === '') next.delete(name);
    else next.set(name, value);
    const search = next.toString();
    route(search === '' ? path : `${path}?${search}`, true);
  };
  return [query[name] ?? '', set];
}
