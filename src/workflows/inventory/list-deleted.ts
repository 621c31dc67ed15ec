import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { LatestFilter } from '../../drivers/catalog/latest-points.ts';
import type { InstanceSummary, Page } from '../operations.ts';
import type { InventoryDeps } from './deps.ts';

interface Deps {
  nova: Pick<InventoryDeps['nova'], 'listServerIds'>;
  catalog: { points: Pick<Catalog['points'], 'latestBySource'> };
}

export interface DeletedFilter {
  /** undefined: of every project. */
  projectId: string | undefined;
  name: string | undefined;
  search?: string | undefined;
  limit: number;
  marker: string | undefined;
}

/** Instances that have a point and that Nova has no more, newest point first. */
export async function listDeleted(
  { nova, catalog }: Deps,
  { projectId, name, search, limit, marker }: DeletedFilter,
): Promise<Page<InstanceSummary>> {
  const items: InstanceSummary[] = [];
  let living: Set<string> | undefined;
  const filter: LatestFilter = { kind: 'instance', projectId, sourceName: name, search, limit: limit + 1 };
  for (let after = marker; items.length <= limit;) {
    const points = await catalog.points.latestBySource({ ...filter, after });
    // Asked after the first points were read, and later pages have older ones: what has a point and is not listed is gone.
    living ??= await livingInstances(nova, projectId);
    for (const { sourceId, sourceName, projectId: owner = '', id, takenAt } of points) {
      if (living.has(sourceId)) continue;
      items.push({
        id: sourceId,
        name: sourceName,
        status: 'DELETED',
        projectId: owner,
        lastPoint: { id, takenAt },
      });
    }
    after = points.at(-1)?.sourceId;
    if (points.length <= limit) break;
  }
  const page = items.slice(0, limit);
  return { items: page, nextMarker: items.length > limit ? page.at(-1)?.id : undefined };
}

/** Ids alone: some tens of bytes for each instance of the cloud (I11). */
async function livingInstances(nova: Deps['nova'], projectId: string | undefined): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const id of nova.listServerIds({ allProjects: true, projectId })) ids.add(id);
  return ids;
}
