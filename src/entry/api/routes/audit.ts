import type { AuditEntry } from '../../../workflows/audit/list-audit.ts';
import type { ApiDeps } from '../api-deps.ts';
import { nextLinks } from '../pagination.ts';
import { route, type RouteTable } from '../route.ts';
import { links, nameOrId, optionalInstant, pageQuery, sortBy, timestamp } from '../schemas/common.ts';
import { snakeKeys } from '../snake-keys.ts';
import { z } from '../zod.ts';

const freeForm = z.record(z.string(), z.unknown());

const auditSchema = z
  .strictObject({
    id: z.string(),
    at: timestamp,
    user_id: z.string().nullable(),
    user_name: z.string().nullable(),
    actor: freeForm.openapi({
      description: 'What else is known of who did it: project, roles, network address.',
    }),
    action: z.string().openapi({ example: 'restore.approve' }),
    target: freeForm,
    result: z.string().openapi({ description: '`allowed`, `refused`, or what came of it.' }),
    project_id: z.string().nullable().openapi({ description: 'Whose thing it was about.' }),
    request_id: z.string().nullable(),
  })
  .openapi('AuditEntry');

function present({
  id,
  at,
  actor,
  target,
  requestId,
  projectId,
  ...entry
}: AuditEntry): z.input<typeof auditSchema> {
  const { userId, userName, ...rest } = actor;
  return {
    id,
    at: at.toISOString(),
    user_id: typeof userId === 'string' ? userId : null,
    user_name: typeof userName === 'string' ? userName : null,
    actor: snakeKeys(rest),
    action: entry.action,
    target: snakeKeys(target),
    result: entry.result,
    project_id: projectId ?? null,
    request_id: requestId ?? null,
  };
}

/** Who did what; nobody can change it. */
export function addAuditRoutes(table: RouteTable, { operations, publicUrl }: ApiDeps): void {
  route(table, {
    method: 'get',
    path: '/v1/audit',
    operationId: 'listAudit',
    summary: 'List what was done, and what was refused, newest first',
    description: 'Tenants see what was done to things of their project.',
    tag: 'audit',
    query: z.strictObject({
      limit: pageQuery.limit,
      marker: z
        .string()
        .regex(/^\d{1,15}$/, 'must be the id of an entry')
        .optional()
        .openapi({ description: 'Id of the last entry of the page before.' }),
      since: optionalInstant.openapi({ description: 'At or after this instant.' }),
      before: optionalInstant.openapi({ description: 'Before this instant.' }),
      action: nameOrId.optional().openapi({ example: 'restore.create' }),
      result: nameOrId.optional().openapi({ example: 'refused' }),
      user_id: nameOrId.optional(),
      request_id: nameOrId.optional(),
      project_id: nameOrId.optional(),
      sort: sortBy(['at'], 'Newest first when left out.'),
    }),
    response: z.strictObject({ audit: z.array(auditSchema), links }),
    handle: async ({ caller, query, http }) => {
      const { limit, marker, since, before, action, result, sort } = query;
      const { user_id: userId, request_id: requestId, project_id: projectId } = query;
      const ids = { userId, requestId, projectId };
      const filter = { limit, marker, since, before, action, result, order: sort?.direction, ...ids };
      const page = await operations.audit.list(caller, filter);
      return { audit: page.items.map(present), links: nextLinks(http, page, publicUrl) };
    },
  });
}
