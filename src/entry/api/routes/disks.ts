import type { ApiDeps } from '../api-deps.ts';
import { nextLinks } from '../pagination.ts';
import { presentStoredDisk, storedDiskSchema } from '../resources/stored-disk.ts';
import { route, type RouteTable } from '../route.ts';
import { links, nameOrId, pageQuery } from '../schemas/common.ts';
import { z } from '../zod.ts';

export function addDiskRoutes(table: RouteTable, { operations, publicUrl }: ApiDeps): void {
  route(table, {
    method: 'get',
    path: '/v1/disks',
    operationId: 'listDisks',
    summary: 'List disks that have something in a store, with their chains',
    description:
      'Of instances, and lone ones; by their keys. Tenants see what points of their project brought.',
    tag: 'points',
    query: z.strictObject({
      limit: pageQuery.limit,
      marker: nameOrId.optional().openapi({ description: 'Key of the last disk of the page before.' }),
      source: nameOrId
        .optional()
        .openapi({ description: 'Name or id of the instance or volume, or CLUSTER/POOL/IMAGE.' }),
      project_id: nameOrId.optional().openapi({ description: 'Administrators, and the system.' }),
    }),
    response: z.strictObject({ disks: z.array(storedDiskSchema), links }),
    handle: async ({ caller, query, http }) => {
      const { limit, marker, source, project_id: projectId } = query;
      const page = await operations.disks.list(caller, { limit, marker, source, projectId });
      return { disks: page.items.map(presentStoredDisk), links: nextLinks(http, page, publicUrl) };
    },
  });
}
