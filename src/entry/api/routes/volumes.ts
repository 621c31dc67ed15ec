import { protectionSorts } from '../../../workflows/inventory/source-order.ts';
import type { VolumeSummary } from '../../../workflows/inventory/list-volumes.ts';
import type { ApiDeps } from '../api-deps.ts';
import { nextLinks } from '../pagination.ts';
import {
  lastPointSchema,
  presentLastPoint,
  presentProtection,
  protectionSchema,
  protectionState,
} from '../resources/protection.ts';
import { route, type RouteTable } from '../route.ts';
import { flag, links, nameOrId, pageQuery, search, sortBy } from '../schemas/common.ts';
import { z } from '../zod.ts';

const tag = 'volumes';

const volumeSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    status: z.string(),
    project_id: z.string(),
    size_gib: z.number().int().min(0),
    instance_ids: z.array(z.string()).openapi({ description: 'Instances that it is attached to.' }),
    last_point: lastPointSchema.openapi({
      description: 'Its own, or of an instance that it was part of.',
    }),
    protection: protectionSchema,
  })
  .openapi('VolumeSummary');

function present(volume: VolumeSummary): z.input<typeof volumeSchema> {
  return {
    id: volume.id,
    name: volume.name,
    status: volume.status,
    project_id: volume.projectId,
    size_gib: volume.sizeGib,
    instance_ids: volume.instanceIds,
    last_point: presentLastPoint(volume.lastPoint),
    protection: presentProtection(volume.protection),
  };
}

export function addVolumeRoutes(table: RouteTable, { operations, publicUrl }: ApiDeps): void {
  route(table, {
    method: 'get',
    path: '/v1/volumes',
    operationId: 'listVolumes',
    summary: 'List volumes with their newest recovery point',
    tag,
    query: z.strictObject({
      ...pageQuery,
      name: nameOrId.optional(),
      search,
      project_id: nameOrId
        .optional()
        .openapi({ description: 'Another project: administrators, and the system.' }),
      all_projects: flag.openapi({ description: 'Every project: administrators, and the system.' }),
      protection: protectionState.optional(),
      sort: sortBy(['name', 'size', 'status', ...protectionSorts]),
    }),
    response: z.strictObject({ volumes: z.array(volumeSchema), links }),
    handle: async ({ caller, query, http }) => {
      const { project_id: projectId, all_projects: allProjects, ...filter } = query;
      const page = await operations.listVolumes(caller, {
        ...filter,
        marker: query.marker,
        name: query.name,
        projectId,
        allProjects,
      });
      return { volumes: page.items.map(present), links: nextLinks(http, page, publicUrl) };
    },
  });

  route(table, {
    method: 'get',
    path: '/v1/volumes/{name_or_id}',
    operationId: 'showVolume',
    summary: 'Show a volume',
    tag,
    params: z.strictObject({ name_or_id: nameOrId }),
    response: z.strictObject({ volume: volumeSchema }),
    handle: async ({ caller, params }) => ({
      volume: present(await operations.showVolume(caller, params.name_or_id)),
    }),
  });
}
