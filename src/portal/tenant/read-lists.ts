import { api, nextMarker, take } from '../api/client.ts';
import type { Job, Point, Restore } from '../api/types.ts';
import type { Sorted } from '../ui/sort-rows.ts';
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

export const jobSorts = ['created_at', 'finished_at', 'duration', 'kind', 'state'] as const;
export type JobSort = Sorted<(typeof jobSorts)[number]>;
export const restoreSorts = ['created_at', 'mode', 'undo_until'] as const;
export type RestoreSort = Sorted<(typeof restoreSorts)[number]>;

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

export interface PointFilter {
  kind: 'instance' | 'volume';
  /** Id of what they are of. */
  source: string;
  state?: 'complete' | 'damaged' | undefined;
  since: Date;
  before: Date;
  sort?: PointSort | undefined;
}

export const pointSorts = ['taken_at', 'size_bytes', 'stored_bytes'] as const;
export type PointSort = Sorted<(typeof pointSorts)[number]>;

/** @throws {ApiError} */
export async function readPoints(
  { since, before, ...filter }: PointFilter,
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<Point>> {
  const span = { since: since.toISOString(), before: before.toISOString() };
  const query = { ...span, ...given({ limit, marker, ...filter }), kind: filter.kind, source: filter.source };
  const { points, links } = await take(api.GET('/v1/points', { params: { query }, ...given({ signal }) }));
  return { items: points, next: nextMarker(links) };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Only the members that have a value: what is undefined is left out of the request. */
export function given<T extends object>(members: T): Given<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>;
}
