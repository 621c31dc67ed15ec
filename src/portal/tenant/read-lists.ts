import { api, nextMarker, take } from '../api/client.ts';
import type { Job, Restore } from '../api/types.ts';
import type { ListPage } from '../ui/use-pages.ts';

const limit = 100;

export interface JobFilter {
  kind?: Job['kind'] | undefined;
  state?: Job['state'] | undefined;
  /** Id of the instance or volume. */
  sourceId?: string | undefined;
}

/** @throws {ApiError} */
export async function readJobs(
  { kind, state, sourceId }: JobFilter,
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<Job>> {
  const query = given({ limit, marker, kind, state, source_id: sourceId });
  const { jobs, links } = await take(api.GET('/v1/jobs', { params: { query }, ...given({ signal }) }));
  return { items: jobs, next: nextMarker(links) };
}

export interface RestoreFilter {
  mode?: Restore['mode'] | undefined;
  state?: Restore['state'] | undefined;
  sourceId?: string | undefined;
}

/** @throws {ApiError} */
export async function readRestores(
  { mode, state, sourceId }: RestoreFilter,
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<Restore>> {
  const query = given({ limit, marker, mode, state, source_id: sourceId });
  const { restores, links } = await take(
    api.GET('/v1/restores', { params: { query }, ...given({ signal }) }),
  );
  return { items: restores, next: nextMarker(links) };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Only the members that have a value: what is undefined is left out of the request. */
export function given<T extends object>(members: T): Given<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>;
}
