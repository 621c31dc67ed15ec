import type { ApiDeps } from '../api-deps.ts';
import { nextLinks } from '../pagination.ts';
import { pointDetailSchema, presentPointDetail } from '../resources/point-detail.ts';
import { pointKind, pointSchema, presentPoint } from '../resources/point.ts';
import { route, type RouteTable } from '../route.ts';
import { idParams, line, links, nameOrId, optionalInstant, pageQuery, sortBy } from '../schemas/common.ts';
import { z } from '../zod.ts';

export function addPointRoutes(table: RouteTable, { operations, publicUrl }: ApiDeps): void {
  route(table, {
    method: 'get',
    path: '/v1/points',
    operationId: 'listPoints',
    summary: 'List recovery points, newest first',
    tag: 'points',
    query: z.strictObject({
      ...pageQuery,
      kind: pointKind.optional(),
      source: nameOrId
        .optional()
        .openapi({ description: 'Name or id of the instance or volume, or POOL/IMAGE.' }),
      source_prefix: line.trim().min(1).max(255).optional().openapi({
        description:
          'What the name of the instance or volume begins with, in upper or lower case. These are listed by name; no other sort goes with it.',
      }),
      state: z.enum(['complete', 'damaged']).optional(),
      since: optionalInstant.openapi({ description: 'Taken at or after this instant.' }),
      before: optionalInstant.openapi({ description: 'Taken before this instant.' }),
      store: nameOrId.optional().openapi({ description: 'In this store, by name or id.' }),
      project_id: nameOrId.optional().openapi({ description: 'Administrators only.' }),
      sort: sortBy(['taken_at', 'source_name', 'size_bytes', 'stored_bytes']),
    }),
    response: z.strictObject({ points: z.array(pointSchema), links }),
    handle: async ({ caller, query, http }) => {
      const page = await operations.listPoints(caller, {
        limit: query.limit,
        marker: query.marker,
        kind: query.kind,
        source: query.source,
        sourcePrefix: query.source_prefix,
        state: query.state,
        since: query.since,
        before: query.before,
        projectId: query.project_id,
        store: query.store,
        sort: query.sort,
      });
      return { points: page.items.map(presentPoint), links: nextLinks(http, page, publicUrl) };
    },
  });

  route(table, {
    method: 'get',
    path: '/v1/points/{id}',
    operationId: 'showPoint',
    summary: 'Show a recovery point with its disks and links',
    tag: 'points',
    params: idParams,
    response: z.strictObject({ point: pointDetailSchema }),
    handle: async ({ caller, params }) => ({
      point: presentPointDetail(await operations.showPoint(caller, params.id), caller.isAdmin),
    }),
  });
}
