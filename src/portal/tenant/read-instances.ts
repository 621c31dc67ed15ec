import { api, nextMarker, take } from '../api/client.ts';
import type { InstanceSummary, Protection } from '../api/types.ts';
import type { Sorted } from '../ui/sort-rows.ts';
import type { ListPage } from '../ui/use-pages.ts';
import { given } from './read-lists.ts';

/** Which instances a list shows. */
export const instanceViews = ['all', 'protected', 'stale', 'unprotected', 'deleted'] as const;
export type InstanceView = (typeof instanceViews)[number];

/** Those of Nova's that people look for; others are shown, and found under all. */
export const instanceStatuses = ['ACTIVE', 'SHUTOFF', 'PAUSED', 'SUSPENDED', 'ERROR'] as const;

export const instanceSorts = [
  'name',
  'created_at',
  'status',
  'protection',
  'last_point_at',
  'next_run_at',
  'policy',
] as const;

export interface InstanceChoice {
  view: InstanceView;
  /** Part of the name; any when empty. */
  search: string;
  /** As Nova says it; any when empty. */
  status: string;
  /** The newest first when undefined. */
  sort: Sorted<(typeof instanceSorts)[number]> | undefined;
}

export interface InstanceRow {
  id: string;
  name: string;
  /** As Nova says it. */
  status: string;
  lastPoint: InstanceSummary['last_point'];
  protection: Protection | null;
}

const limit = 100;

/** A page of the project's instances. Those that are gone have neither a status nor a protection. @throws {ApiError} */
export async function readInstances(
  { view, search, status, sort }: InstanceChoice,
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<InstanceRow>> {
  const found = { limit, marker, search: search === '' ? undefined : search };
  const query =
    view === 'deleted'
      ? { ...given(found), deleted: 'true' as const }
      : given({
          ...found,
          status: status === '' ? undefined : status,
          protection: view === 'all' ? undefined : view,
          sort,
        });
  const { instances, links } = await take(
    api.GET('/v1/instances', { params: { query }, ...given({ signal }) }),
  );
  return { items: instances.map(toRow), next: nextMarker(links) };
}

function toRow({ id, name, status, last_point: lastPoint, protection }: InstanceSummary): InstanceRow {
  return { id, name, status, lastPoint, protection };
}
