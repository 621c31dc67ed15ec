import type { ApiDeps } from '../api-deps.ts';
import { nextLinks } from '../pagination.ts';
import {
  lastState,
  policyAssignmentSchema,
  policyReach,
  policySourceSchema,
  presentAssignment,
  presentSource,
  selectorKind,
} from '../resources/policy.ts';
import { route, type RouteTable } from '../route.ts';
import { links, nameOrId, pageQuery, sortBy, uuid } from '../schemas/common.ts';
import { assignmentBody, assignmentTarget } from '../schemas/policy-request.ts';
import { z } from '../zod.ts';

const tag = 'policies';
const ofProject = z.strictObject({
  ...pageQuery,
  project_id: nameOrId.optional().openapi({
    description: 'Only what is in this project; everything that the caller may see without it.',
  }),
});
const params = z.strictObject({ name_or_id: nameOrId });
const oneAssignment = z.strictObject({ assignment: policyAssignmentSchema });

export function addPolicyAssignmentRoutes(
  table: RouteTable,
  { operations, publicUrl, defaultCluster = 'ceph' }: ApiDeps,
): void {
  const { policies } = operations;
  route(table, {
    method: 'get',
    path: '/v1/policies/{name_or_id}/assignments',
    operationId: 'listPolicyAssignments',
    summary: 'List what a policy is assigned to, newest first',
    tag,
    params,
    query: ofProject.extend({
      kind: selectorKind.optional(),
      sort: sortBy(['created_at', 'kind'], 'Newest first when left out.'),
    }),
    response: z.strictObject({ assignments: z.array(policyAssignmentSchema), links }),
    handle: async ({ caller, params: { name_or_id: policy }, query, http }) => {
      const page = await policies.listAssignments(caller, policy, {
        limit: query.limit,
        marker: query.marker,
        projectId: query.project_id,
        kind: query.kind,
        sort: query.sort,
      });
      return { assignments: page.items.map(presentAssignment), links: nextLinks(http, page, publicUrl) };
    },
  });

  route(table, {
    method: 'post',
    path: '/v1/policies/{name_or_id}/assignments',
    operationId: 'assignPolicy',
    summary: 'Assign a policy',
    description:
      'Tenants assign published policies to instances of their own, to their project, or to metadata and tags in it. ' +
      'An instance follows one policy: what names the instance itself comes first, then its own metadata or tag ' +
      '`emberkeep:policy`, then other metadata and tags, then its project.',
    tag,
    params,
    body: assignmentBody,
    response: oneAssignment,
    handle: async ({ caller, params: { name_or_id: policy }, body }) => {
      const request = { to: assignmentTarget(body, defaultCluster), projectId: body.project_id };
      return { assignment: presentAssignment(await policies.assign(caller, policy, request)) };
    },
  });

  route(table, {
    method: 'delete',
    path: '/v1/policies/{name_or_id}/assignments/{assignment_id}',
    operationId: 'unassignPolicy',
    summary: 'Take an assignment away',
    description: 'What an administrator assigned, only an administrator takes away. Points stay.',
    tag,
    params: z.strictObject({ name_or_id: nameOrId, assignment_id: uuid }),
    response: oneAssignment,
    handle: async ({ caller, params: { name_or_id: policy, assignment_id: id } }) => ({
      assignment: presentAssignment(await policies.unassign(caller, policy, id)),
    }),
  });

  addSourcesRoute(table, { operations, publicUrl });
}

function addSourcesRoute(
  table: RouteTable,
  { operations: { policies }, publicUrl }: Pick<ApiDeps, 'operations' | 'publicUrl'>,
): void {
  route(table, {
    method: 'get',
    path: '/v1/policies/{name_or_id}/sources',
    operationId: 'listPolicySources',
    summary: 'List what a policy protects, with last and next run, newest first',
    tag,
    params,
    query: ofProject.extend({
      reached_by: policyReach.optional(),
      last_state: lastState.optional(),
      sort: sortBy(['created_at', 'source_name', 'reached_by', 'last_state', 'last_run_at', 'next_run_at']),
    }),
    response: z.strictObject({ sources: z.array(policySourceSchema), links }),
    handle: async ({ caller, params: { name_or_id: policy }, query, http }) => {
      const page = await policies.listSources(caller, policy, {
        limit: query.limit,
        marker: query.marker,
        projectId: query.project_id,
        reach: query.reached_by,
        lastState: query.last_state,
        sort: query.sort,
      });
      return { sources: page.items.map(presentSource), links: nextLinks(http, page, publicUrl) };
    },
  });
}
