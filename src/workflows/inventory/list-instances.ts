import { systemClock, type Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { authorize, type Caller } from '../../domain/access.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { Server } from '../../drivers/openstack/nova-server.ts';
import type { ServerSort } from '../../drivers/openstack/nova.ts';
import type { InstanceDetail, InstanceFilter, InstanceSort, InstanceSummary, Page } from '../operations.ts';
import type { PageRequest } from '../page.ts';
import type { InventoryDeps } from './deps.ts';
import { describeInstanceDisks } from './describe-target.ts';
import { listDeleted } from './list-deleted.ts';
import { findInstance } from './find-by-name.ts';
import { filteredPage, orderedPage } from './ordered-page.ts';
import { assertOwnMarker, unknownMarker } from './own-marker.ts';
import { protectionOrder } from './source-order.ts';
import { projectOf } from './project-scope.ts';
import { protectionsOf, unknownProtection } from '../protections.ts';
import { toPointSummaries } from './list-points.ts';

type Deps = InventoryDeps & {
  catalog: Pick<Catalog, 'points' | 'links' | 'stores' | 'coverage'>;
  clock?: Clock;
};

export async function listInstances(
  { nova, catalog, clock = systemClock }: Deps,
  caller: Caller,
  filter: InstanceFilter,
): Promise<Page<InstanceSummary>> {
  const projectId = projectOf(
    caller,
    { projectId: filter.projectId, allProjects: filter.allProjects },
    'instances',
  );
  const { limit, marker, name, search, deleted = false, status, protection, sort } = filter;
  if (deleted) {
    if (sort !== undefined || status !== undefined || protection !== undefined)
      throw new AppError(
        'INPUT_SORT',
        'instances that are gone are listed by their newest points; leave sort, status and protection out',
      );
    return await listDeleted({ nova, catalog }, { projectId, name, search, limit, marker });
  }
  const everywhere = { allProjects: true, projectId } as const;
  const order = protectionOrder<InstanceSummary>(sort);
  const keep = (item: InstanceSummary): boolean =>
    protection === undefined || item.protection?.state === protection;
  const read = async (page: PageRequest): Promise<Page<InstanceSummary>> => {
    const asked = { ...everywhere, name, search, status, sort: novaSort(sort), limit: page.limit };
    const { servers, nextMarker } = await nova.listServersPage({ ...asked, marker: page.marker });
    return { items: await summarize({ catalog, clock }, servers), nextMarker };
  };
  if (order !== undefined) {
    const found = marker === undefined ? [] : await nova.findServers(marker, everywhere);
    const [after] = await summarize({ catalog, clock }, found);
    if (marker !== undefined && after?.id !== marker) throw unknownMarker(marker);
    return await orderedPage(read, { order, limit, after }, keep);
  }
  await assertOwnMarker(caller, marker, (id) => nova.findServers(id, everywhere));
  return protection === undefined
    ? await read({ limit, marker })
    : await filteredPage(read, { limit, marker }, keep);
}

const novaKeys = { name: 'display_name', created_at: 'created_at', status: 'vm_state' } as const;

function novaSort(sort: InstanceSort | undefined): ServerSort | undefined {
  if (sort === undefined || !(sort.by in novaKeys)) return undefined;
  return { key: novaKeys[sort.by as keyof typeof novaKeys], direction: sort.direction };
}

async function summarize(
  { catalog, clock }: { catalog: Pick<Catalog, 'coverage'>; clock: Clock },
  servers: readonly Server[],
): Promise<InstanceSummary[]> {
  const now = clock.now();
  const ids = servers.map(({ description }) => description.id);
  const known = protectionsOf(await catalog.coverage.ofInstances(ids), now);
  return servers.map(({ description: { id, name, projectId }, state: { status } }) => ({
    id,
    name,
    status,
    projectId,
    ...(known.get(id) ?? unknownProtection(now)),
  }));
}

export async function showInstance(deps: Deps, caller: Caller, nameOrId: string): Promise<InstanceDetail> {
  const server = await findInstance(deps, caller, nameOrId);
  authorize(caller, 'read', server.description.projectId, `instance "${nameOrId}"`);
  const full = await deps.nova.getServer(server.description.id);
  const disks = await describeInstanceDisks(deps, full);
  const points = await deps.catalog.points.list({
    kind: 'instance',
    sourceId: full.description.id,
    limit: 20,
  });
  const { id } = full.description;
  const now = (deps.clock ?? systemClock).now();
  const known = protectionsOf(await deps.catalog.coverage.ofInstances([id]), now);
  return {
    instance: full.description,
    disks: await Promise.all(
      disks.map(async (disk) => ({
        ...disk,
        sizeBytes: (await deps.rbd.findImage(disk.location))?.sizeBytes,
      })),
    ),
    points: await toPointSummaries(deps.catalog, points),
    ...(known.get(id) ?? unknownProtection(now)),
  };
}
