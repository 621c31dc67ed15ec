import type { ApiDeps } from '../api-deps.ts';
import { addJobEventsRoute } from '../job-events.ts';
import { nextLinks } from '../pagination.ts';
import { jobKind, jobSchema, jobState, presentJob } from '../resources/job.ts';
import { route, type RouteTable } from '../route.ts';
import { idParams, links, nameOrId, optionalInstant, pageQuery, sortBy } from '../schemas/common.ts';
import { z } from '../zod.ts';

export function addJobRoutes(table: RouteTable, deps: ApiDeps, stopping: AbortSignal): void {
  const { operations, publicUrl } = deps;
  route(table, {
    method: 'get',
    path: '/v1/jobs',
    operationId: 'listJobs',
    summary: 'List jobs, newest first',
    tag: 'jobs',
    query: z.strictObject({
      ...pageQuery,
      kind: jobKind.optional(),
      state: jobState.optional(),
      source_id: nameOrId.optional().openapi({
        description: 'Id of the instance or volume, or CLUSTER/POOL/IMAGE, that they or their points are of.',
      }),
      request_id: nameOrId.optional().openapi({
        description:
          'Id of the request that asked for them: the backup of a whole pool is a job for each image.',
      }),
      since: optionalInstant.openapi({ description: 'Asked for at or after this instant.' }),
      before: optionalInstant.openapi({ description: 'Asked for before this instant.' }),
      project_id: nameOrId.optional().openapi({ description: 'Administrators, and the system.' }),
      sort: sortBy(['created_at', 'finished_at', 'duration', 'kind', 'state']),
    }),
    response: z.strictObject({ jobs: z.array(jobSchema), links }),
    handle: async ({ caller, query, http }) => {
      const { limit, marker, kind, state, since, before } = query;
      const { source_id: sourceId, request_id: requestId, project_id: projectId, sort } = query;
      const of = { sourceId, requestId, projectId };
      const filter = { limit, marker, kind, state, since, before, sort, ...of };
      const page = await operations.listJobs(caller, filter);
      return {
        jobs: page.items.map((job) => presentJob(job, caller.isAdmin)),
        links: nextLinks(http, page, publicUrl),
      };
    },
  });

  route(table, {
    method: 'get',
    path: '/v1/jobs/{id}',
    operationId: 'showJob',
    summary: 'Show a job',
    tag: 'jobs',
    params: idParams,
    response: z.strictObject({ job: jobSchema }),
    handle: async ({ caller, params }) => ({
      job: presentJob(await operations.showJob(caller, params.id), caller.isAdmin),
    }),
  });

  route(table, {
    method: 'post',
    path: '/v1/jobs/{id}/cancel',
    operationId: 'cancelJob',
    summary: 'Ask a job to stop',
    description: 'The job undoes what it began and then ends as cancelled; follow it to see that.',
    tag: 'jobs',
    params: idParams,
    status: 202,
    response: z.strictObject({ job: jobSchema }),
    handle: async ({ caller, params }) => ({
      job: presentJob(await operations.cancelJob(caller, params.id), caller.isAdmin),
    }),
  });

  addJobEventsRoute(table, deps, stopping);
}
