import type { ProjectSettings } from '../../../domain/project-settings.ts';
import type { ApiDeps } from '../api-deps.ts';
import { nextLinks } from '../pagination.ts';
import { presentRequester, requesterSchema } from '../resources/requester.ts';
import { restoreMode } from '../resources/restore.ts';
import { route, type RouteTable } from '../route.ts';
import {
  links,
  nameOrId,
  optionalLimit,
  orNull,
  pageQuery,
  search,
  sortBy,
  timestamp,
} from '../schemas/common.ts';
import { z } from '../zod.ts';

const tag = 'projects';
const params = z.strictObject({ name_or_id: nameOrId });
const tenantRestores = z.boolean().openapi({ description: 'Whether tenants may restore at all.' });
const approvalModes = z
  .array(restoreMode)
  .max(16)
  .openapi({ description: "Modes in which a tenant's restore waits for an administrator's approval." });

const projectSchema = z
  .strictObject({
    id: z.string(),
    tenant_restores: tenantRestores,
    approval_modes: approvalModes,
    updated_at: timestamp.nullable().openapi({ description: 'null when nobody has set anything.' }),
    updated_by: orNull(requesterSchema),
  })
  .openapi('Project');

const projectNameSchema = z
  .strictObject({ id: z.string(), name: z.string(), domain_id: z.string(), enabled: z.boolean() })
  .openapi('ProjectName');

const changeBody = z
  .strictObject({
    tenant_restores: tenantRestores.optional(),
    approval_modes: approvalModes.optional(),
  })
  .openapi('ProjectChange');

function present({
  projectId,
  tenantRestores: restores,
  approvalModes: modes,
  updatedAt,
  updatedBy,
}: ProjectSettings): z.input<typeof projectSchema> {
  return {
    id: projectId,
    tenant_restores: restores,
    approval_modes: [...modes],
    updated_at: updatedAt?.toISOString() ?? null,
    updated_by: updatedBy === undefined ? null : presentRequester(updatedBy),
  };
}

/** What administrators allow the tenants of each project. */
export function addProjectRoutes(table: RouteTable, { operations, publicUrl }: ApiDeps): void {
  const { approvals } = operations;
  route(table, {
    method: 'get',
    path: '/v1/projects',
    operationId: 'listProjects',
    summary: 'List the projects for which something is set',
    description: 'Tenants see their own.',
    tag,
    query: z.strictObject({ limit: pageQuery.limit, marker: nameOrId.optional() }),
    response: z.strictObject({ projects: z.array(projectSchema), links }),
    handle: async ({ caller, query, http }) => {
      const page = await approvals.listProjects(caller, { limit: query.limit, marker: query.marker });
      return { projects: page.items.map(present), links: nextLinks(http, page, publicUrl) };
    },
  });

  route(table, {
    method: 'get',
    path: '/v1/project-names',
    operationId: 'listProjectNames',
    summary: 'List the projects by name (administrators, and the system)',
    description: 'From Keystone, for those who would else read ids.',
    tag,
    query: z.strictObject({
      limit: optionalLimit,
      marker: nameOrId.optional().openapi({ description: 'Id of the last project of the page before.' }),
      search: search.openapi({ description: 'Part of the name or id, in upper or lower case.' }),
      sort: sortBy(['name'], 'By name when left out.'),
    }),
    response: z.strictObject({ projects: z.array(projectNameSchema), links }),
    handle: async ({ caller, query, http }) => {
      const { limit, marker, search: part, sort } = query;
      const page = await approvals.listProjectNames(caller, { limit, marker, search: part, sort });
      return {
        projects: page.items.map(({ domainId, ...project }) => ({ ...project, domain_id: domainId })),
        links: nextLinks(http, page, publicUrl),
      };
    },
  });

  route(table, {
    method: 'get',
    path: '/v1/projects/{name_or_id}',
    operationId: 'showProject',
    summary: 'Show what tenants of a project may restore',
    tag,
    params,
    response: z.strictObject({ project: projectSchema }),
    handle: async ({ caller, params: { name_or_id: project } }) => ({
      project: present(await approvals.showProject(caller, project)),
    }),
  });

  route(table, {
    method: 'patch',
    path: '/v1/projects/{name_or_id}',
    operationId: 'changeProject',
    summary: 'Set what tenants of a project may restore',
    description: 'Administrators only. What is left out stays as it is.',
    tag,
    params,
    body: changeBody,
    response: z.strictObject({ project: projectSchema }),
    handle: async ({ caller, params: { name_or_id: project }, body }) => {
      const modes = body.approval_modes === undefined ? undefined : [...new Set(body.approval_modes)];
      const change = { tenantRestores: body.tenant_restores, approvalModes: modes };
      return { project: present(await approvals.changeProject(caller, project, change)) };
    },
  });
}
