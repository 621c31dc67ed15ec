import type { CoverageEntry, ProjectCoverage } from '../../../workflows/coverage/coverage-operations.ts';
import { protectionSorts } from '../../../workflows/inventory/source-order.ts';
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

const tag = 'coverage';
const kind = z.enum(['instance', 'volume']);
const scopeQuery = {
  project_id: nameOrId
    .optional()
    .openapi({ description: 'Another project: administrators, and the system.' }),
  all_projects: flag.openapi({ description: 'Every project: administrators, and the system.' }),
};

const entrySchema = z
  .strictObject({
    kind,
    id: z.string(),
    name: z.string(),
    project_id: z.string(),
    last_point: lastPointSchema,
    protection: protectionSchema,
  })
  .openapi('CoverageEntry');

const count = z.number().int().min(0);
const countsSchema = z
  .strictObject({ protected: count, stale: count, unprotected: count })
  .openapi('CoverageCounts');
const projectSchema = z
  .strictObject({ project_id: z.string(), instances: countsSchema, volumes: countsSchema })
  .openapi('ProjectCoverage');

function presentEntry(entry: CoverageEntry): z.input<typeof entrySchema> {
  return {
    kind: entry.kind,
    id: entry.id,
    name: entry.name,
    project_id: entry.projectId,
    last_point: presentLastPoint(entry.lastPoint),
    protection: presentProtection(entry.protection),
  };
}

function presentProject({ projectId, instances, volumes }: ProjectCoverage): z.input<typeof projectSchema> {
  return { project_id: projectId, instances, volumes };
}

/** What is protected, what is not, and why. */
export function addCoverageRoutes(table: RouteTable, { operations, publicUrl }: ApiDeps): void {
  const { coverage } = operations;
  route(table, {
    method: 'get',
    path: '/v1/coverage',
    operationId: 'listCoverage',
    summary: 'List instances or volumes with how they are protected, and why not',
    tag,
    query: z.strictObject({
      ...pageQuery,
      ...scopeQuery,
      kind: kind.default('instance'),
      state: protectionState.optional(),
      search,
      sort: sortBy(['name', ...protectionSorts]),
    }),
    response: z.strictObject({ coverage: z.array(entrySchema), links }),
    handle: async ({ caller, query, http }) => {
      const { project_id: projectId, all_projects: allProjects, ...filter } = query;
      const page = await coverage.list(caller, {
        ...filter,
        marker: query.marker,
        state: query.state,
        projectId,
        allProjects,
      });
      return { coverage: page.items.map(presentEntry), links: nextLinks(http, page, publicUrl) };
    },
  });

  route(table, {
    method: 'get',
    path: '/v1/coverage/projects',
    operationId: 'summarizeCoverage',
    summary: 'Count what is protected, stale and unprotected, by project',
    description: 'Projects with the most gaps come first.',
    tag,
    query: z.strictObject(scopeQuery),
    response: z.strictObject({ projects: z.array(projectSchema) }),
    handle: async ({ caller, query }) => {
      const scope = { projectId: query.project_id, allProjects: query.all_projects };
      return { projects: (await coverage.summarize(caller, scope)).map(presentProject) };
    },
  });
}
