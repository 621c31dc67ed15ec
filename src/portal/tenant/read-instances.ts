import { api, nextMarker, take } from '../api/client.ts';
import type { InstanceSummary, Protection } from '../api/types.ts';
import type { ListPage } from '../ui/use-pages.ts';
import { given } from './read-lists.ts';

/** Which instances a list shows. */
export const instanceViews = ['all', 'protected', 'stale', 'unprotected', 'deleted'] as const;
export type InstanceView = (typeof instanceViews)[number];

export interface InstanceRow {
  id: string;
  name: string;
  /** As Nova says it; undefined where the list does not ask Nova. */
  status: string | undefined;
  lastPoint: InstanceSummary['last_point'];
  protection: Protection | null;
}

const limit = 100;

/** A page of the project's instances. Names are searched in Nova, states in the coverage: one at a time. @throws {ApiError} */
export async function readInstances(
  { view, name, sort }: { view: InstanceView; name: string; sort: string },
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<InstanceRow>> {
  const page = { limit, ...(marker === undefined ? {} : { marker }) };
  const until = signal === undefined ? {} : { signal };
  if (view === 'all' || view === 'deleted') {
    const query = {
      ...page,
      ...(name === '' ? {} : { name }),
      ...(view === 'deleted' ? { deleted: 'true' as const } : {}),
      ...(view === 'all' ? given({ sort: nameSort(sort) }) : {}),
    };
    const { instances, links } = await take(api.GET('/v1/instances', { params: { query }, ...until }));
    return { items: instances.map(toRow), next: nextMarker(links) };
  }
  const { coverage, links } = await take(
    api.GET('/v1/coverage', { params: { query: { ...page, kind: 'instance', state: view } }, ...until }),
  );
  const items = coverage.map((entry) => ({
    id: entry.id,
    name: entry.name,
    status: undefined,
    lastPoint: entry.last_point,
    protection: entry.protection,
  }));
  return { items, next: nextMarker(links) };
}

function toRow({ id, name, status, last_point: lastPoint, protection }: InstanceSummary): InstanceRow {
  return { id, name, status, lastPoint, protection };
}

/** The order of a page's address, if it is one that the list of instances has. */
function nameSort(text: string): 'name:asc' | 'name:desc' | undefined {
  return text === 'name:asc' || text === 'name:desc' ? text : undefined;
}
