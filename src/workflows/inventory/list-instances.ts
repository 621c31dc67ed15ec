import { systemClock, type Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { authorize, type Caller } from '../../domain/access.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { InstanceDetail, InstanceFilter, InstanceSummary, Page } from '../operations.ts';
import type { InventoryDeps } from './deps.ts';
import { describeInstanceDisks } from './describe-target.ts';
import { listDeleted } from './list-deleted.ts';
import { findInstance } from './find-by-name.ts';
import { assertOwnMarker } from './own-marker.ts';
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
  const { limit, marker, name, deleted = false, sort } = filter;
  if (deleted && sort !== undefined) {
    throw new AppError(
      'INPUT_SORT',
      'instances that are gone are listed by their newest points; leave the sort out',
    );
  }
  if (deleted) return await listDeleted({ nova, catalog }, { projectId, name, limit, marker });
  const everywhere = { allProjects: true, projectId } as const;
  await assertOwnMarker(caller, marker, (id) => nova.findServers(id, everywhere));
  const { servers, nextMarker } = await nova.listServersPage({
    ...everywhere,
    name,
    limit,
    marker,
    sort: sort && { key: sort.by === 'name' ? 'display_name' : 'created_at', direction: sort.direction },
  });
  const now = clock.now();
  const known = protectionsOf(
    await catalog.coverage.ofInstances(servers.map(({ description }) => description.id)),
    now,
  );
  const items = servers.map(({ description: { id, name: instanceName, projectId: owner }, state }) => ({
    id,
    name: instanceName,
    status: state.status,
    projectId: owner,
    ...(known.get(id) ?? unknownProtection(now)),
  }));
  return { items, nextMarker };
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
