import type { ApiDeps } from '../api-deps.ts';
import { nextLinks } from '../pagination.ts';
import { policySchema, presentDay, presentPolicy, simulatedDaySchema } from '../resources/policy.ts';
import { route, type RouteTable } from '../route.ts';
import { flag, links, nameOrId, optionalFlag, pageQuery, search, sortBy } from '../schemas/common.ts';
import {
  changedSpec,
  policyBody,
  policyChangeBody,
  simulationBody,
  specOf,
} from '../schemas/policy-request.ts';
import { z } from '../zod.ts';

const tag = 'policies';
const policyParams = z.strictObject({ name_or_id: nameOrId });
const onePolicy = z.strictObject({ policy: policySchema });

export function addPolicyRoutes(table: RouteTable, deps: ApiDeps): void {
  addReadingRoutes(table, deps);
  addWritingRoutes(table, deps);
}

function addReadingRoutes(table: RouteTable, { operations, publicUrl }: ApiDeps): void {
  const { policies } = operations;
  route(table, {
    method: 'get',
    path: '/v1/policies',
    operationId: 'listPolicies',
    summary: 'List policies, newest first',
    description: 'Tenants see those that are published, and those that are assigned in their project.',
    tag,
    query: z.strictObject({
      ...pageQuery,
      search,
      enabled: optionalFlag.openapi({ description: 'Only those that make backups, or that do not.' }),
      published: optionalFlag.openapi({ description: 'Only those that tenants may choose, or may not.' }),
      sort: sortBy(['created_at', 'name', 'updated_at', 'enabled'], 'Newest first when left out.'),
    }),
    response: z.strictObject({ policies: z.array(policySchema), links }),
    handle: async ({ caller, query, http }) => {
      const page = await policies.list(caller, { ...query, marker: query.marker });
      return { policies: page.items.map(presentPolicy), links: nextLinks(http, page, publicUrl) };
    },
  });

  route(table, {
    method: 'get',
    path: '/v1/policies/{name_or_id}',
    operationId: 'showPolicy',
    summary: 'Show a policy',
    tag,
    params: policyParams,
    response: onePolicy,
    handle: async ({ caller, params }) => ({
      policy: presentPolicy(await policies.show(caller, params.name_or_id)),
    }),
  });

  route(table, {
    method: 'post',
    path: '/v1/policies/{name_or_id}/simulate',
    operationId: 'simulatePolicy',
    summary: 'What would exist of one source, day by day',
    tag,
    params: policyParams,
    body: simulationBody,
    response: z.strictObject({ days: z.array(simulatedDaySchema) }),
    handle: async ({ caller, params, body }) => {
      const { days, from, source: sourceId } = body;
      const simulated = await policies.simulate(caller, params.name_or_id, { days, from, sourceId });
      return { days: simulated.map(presentDay) };
    },
  });
}

/** For administrators. */
function addWritingRoutes(table: RouteTable, { operations }: ApiDeps): void {
  const { policies } = operations;
  route(table, {
    method: 'post',
    path: '/v1/policies',
    operationId: 'createPolicy',
    summary: 'Make a policy',
    description: 'Administrators only.',
    tag,
    body: policyBody,
    response: onePolicy,
    handle: async ({ caller, body }) => {
      const { name, description, published, enabled } = body;
      const policy = { name, description, published, enabled, spec: specOf(body) };
      return { policy: presentPolicy(await policies.create(caller, policy)) };
    },
  });

  route(table, {
    method: 'patch',
    path: '/v1/policies/{name_or_id}',
    operationId: 'changePolicy',
    summary: 'Change a policy',
    description: 'Administrators only. What is left out stays as it is.',
    tag,
    params: policyParams,
    body: policyChangeBody,
    response: onePolicy,
    handle: async ({ caller, params, body }) => {
      const { description, published, enabled } = body;
      const change = { description, published, enabled, spec: changedSpec(body) };
      return { policy: presentPolicy(await policies.change(caller, params.name_or_id, change)) };
    },
  });

  route(table, {
    method: 'delete',
    path: '/v1/policies/{name_or_id}',
    operationId: 'deletePolicy',
    summary: 'Delete a policy',
    description: 'Administrators only. Points stay.',
    tag,
    params: policyParams,
    query: z.strictObject({
      force: flag.openapi({
        type: 'string',
        enum: ['true', 'false'],
        description: 'Also when it protects something, which is backed up no more then.',
      }),
    }),
    response: onePolicy,
    handle: async ({ caller, params, query }) => ({
      policy: presentPolicy(await policies.remove(caller, params.name_or_id, query.force)),
    }),
  });
}
