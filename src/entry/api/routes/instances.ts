import { protectionSorts } from '../../../workflows/inventory/source-order.ts';
import type { ApiDeps } from '../api-deps.ts';
import { nextLinks } from '../pagination.ts';
import {
  instanceSchema,
  instanceSummarySchema,
  presentInstance,
  presentInstanceSummary,
} from '../resources/instance.ts';
import { protectionState } from '../resources/protection.ts';
import { route, type RouteTable } from '../route.ts';
import { flag, line, links, nameOrId, pageQuery, search, sortBy } from '../schemas/common.ts';
import { z } from '../zod.ts';

export function addInstanceRoutes(table: RouteTable, { operations, publicUrl }: ApiDeps): void {
  route(table, {
    method: 'get',
    path: '/v1/instances',
    operationId: 'listInstances',
    summary: 'List instances with their newest recovery point',
    tag: 'instances',
    query: z.strictObject({
      ...pageQuery,
      name: nameOrId.optional(),
      search,
      project_id: nameOrId.optional().openapi({ description: 'Administrators only.' }),
      deleted: flag.openapi({
        description: 'Only instances that are gone from Nova and have recovery points.',
      }),
      all_projects: flag.openapi({ description: 'Administrators only: instances of every project.' }),
      status: line.trim().min(1).max(64).optional().openapi({
        description: "Nova's status, such as ACTIVE; not with `deleted`.",
      }),
      protection: protectionState.optional().openapi({ description: 'Not with `deleted`.' }),
      sort: sortBy(
        ['name', 'created_at', 'status', ...protectionSorts],
        'Newest first when left out; not with `deleted`. What has no value comes last.',
      ),
    }),
    response: z.strictObject({ instances: z.array(instanceSummarySchema), links }),
    handle: async ({ caller, query, http }) => {
      const page = await operations.listInstances(caller, {
        limit: query.limit,
        marker: query.marker,
        name: query.name,
        search: query.search,
        projectId: query.project_id,
        allProjects: query.all_projects,
        deleted: query.deleted,
        status: query.status,
        protection: query.protection,
        sort: query.sort,
      });
      return {
        instances: page.items.map(presentInstanceSummary),
        links: nextLinks(http, page, publicUrl),
      };
    },
  });

  route(table, {
    method: 'get',
    path: '/v1/instances/{name_or_id}',
    operationId: 'showInstance',
    summary: 'Show an instance with its disks and recovery points',
    tag: 'instances',
    params: z.strictObject({ name_or_id: nameOrId }),
    response: z.strictObject({ instance: instanceSchema }),
    handle: async ({ caller, params }) => ({
      instance: presentInstance(await operations.showInstance(caller, params.name_or_id), caller.isAdmin),
    }),
  });
}
