import { authorize, visibleProject, type Caller } from '../../domain/access.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { InstanceDetail, InstanceFilter, InstanceSummary, Page } from '../operations.ts';
import type { InventoryDeps } from './deps.ts';
import { describeInstanceDisks } from './describe-target.ts';
import { listDeleted } from './list-deleted.ts';
import { findInstance, ownProject } from './find-by-name.ts';
import { toPointSummaries } from './list-points.ts';

type Deps = InventoryDeps & { catalog: Pick<Catalog, 'points' | 'links'> };

export async function listInstances(
  { nova, catalog }: Deps,
  caller: Caller,
  filter: InstanceFilter,
): Promise<Page<InstanceSummary>> {
  const projectId = projectOf(caller, filter);
  const { limit, marker, name, deleted = false } = filter;
  if (deleted) return await listDeleted({ nova, catalog }, { projectId, name, limit, marker });
  const { servers, nextMarker } = await nova.listServersPage({
    allProjects: true,
    projectId,
    name,
    limit,
    marker,
  });
  const items = await Promise.all(
    servers.map(async ({ description, state }): Promise<InstanceSummary> => {
      const point = await catalog.points.latestFor({ kind: 'instance', sourceId: description.id });
      return {
        id: description.id,
        name: description.name,
        status: state.status,
        projectId: description.projectId,
        lastPoint: point === undefined ? undefined : { id: point.id, takenAt: point.takenAt },
      };
    }),
  );
  return { items, nextMarker };
}

/** undefined is every project, which only an administrator may ask for. */
function projectOf(caller: Caller, { allProjects, projectId }: InstanceFilter): string | undefined {
  if (allProjects) {
    authorize(caller, 'inspect', null, 'instances of all projects');
    return undefined;
  }
  if (projectId === undefined) return caller.projectId === undefined ? visibleProject(caller) : ownProject(caller);
  authorize(caller, 'read', projectId, `project "${projectId}"`);
  return projectId;
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
  return {
    instance: full.description,
    disks: await Promise.all(
      disks.map(async (disk) => ({
        ...disk,
        sizeBytes: (await deps.rbd.findImage(disk.location))?.sizeBytes,
      })),
    ),
    points: await toPointSummaries(deps.catalog, points),
  };
}
