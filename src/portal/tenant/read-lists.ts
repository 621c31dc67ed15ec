import { api, nextMarker, take } from '../api/client.ts';
import type { Job, Restore } from '../api/types.ts';
import type { ListPage } from '../ui/use-pages.ts';

const limit = 100;

export interface JobFilter {
  kind?: Job['kind'] | undefined;
  state?: Job['state'] | undefined;
  /** Id of the instance or volume. */
  sourceId?: string | undefined;
  /** `field:direction`; the newest first when left out. */
  sort?: JobSort | undefined;
}

type Sorted<Field extends string> = `${Field}:${'asc' | 'desc'}`;

export const jobSorts = ['created_at', 'finished_at', 'kind', 'state'] as const;
export type JobSort = Sorted<(typeof jobSorts)[number]>;
export const restoreSorts = ['created_at', 'mode', 'undo_until'] as const;
export type RestoreSort = Sorted<(typeof restoreSorts)[number]>;

/** The order of a page's address, if it is one that the API has for this list. */
export function sortAmong<Field extends string>(
  fields: readonly Field[],
  text: string,
): Sorted<Field> | undefined {
  const all = fields.flatMap((field): Sorted<Field>[] => [`${field}:asc`, `${field}:desc`]);
  return all.find((one) => one === text);
}

/** @throws {ApiError} */
export async function readJobs(
  { kind, state, sourceId, sort }: JobFilter,
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<Job>> {
  const query = given({ limit, marker, kind, state, source_id: sourceId, sort });
  const { jobs, links } = await take(api.GET('/v1/jobs', { params: { query }, ...given({ signal }) }));
  return { items: jobs, next: nextMarker(links) };
}

export interface RestoreFilter {
  mode?: Restore['mode'] | undefined;
  state?: Restore['state'] | undefined;
  sourceId?: string | undefined;
  sort?: RestoreSort | undefined;
}

/** @throws {ApiError} */
export async function readRestores(
  { mode, state, sourceId, sort }: RestoreFilter,
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<Restore>> {
  const query = given({ limit, marker, mode, state, source_id: sourceId, sort });
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
