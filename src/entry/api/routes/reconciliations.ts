import type { ApiDeps } from '../api-deps.ts';
import { jobSchema, presentJob } from '../resources/job.ts';
import { route, type RouteTable } from '../route.ts';
import { z } from '../zod.ts';

const reconciliationBody = z
  .strictObject({
    dry_run: z.boolean().default(false).openapi({ description: 'Only say what would be done.' }),
  })
  .openapi('ReconciliationRequest');

export function addReconciliationRoutes(table: RouteTable, { operations }: ApiDeps): void {
  route(table, {
    method: 'post',
    path: '/v1/reconciliations',
    operationId: 'requestReconciliation',
    summary:
      'Remove what jobs left behind, and compare the catalog with the store and the clusters (administrators)',
    description:
      "Starts a job that looks for what is the service's own and no job and no restore needs: images, snapshots, volumes, " +
      'unfinished links. Its result lists each with its place, age and size, what was or would be done with it, and why. ' +
      'It also tells where catalog, store and clusters do not agree (`drift`), and changes nothing of that.',
    tag: 'jobs',
    body: reconciliationBody,
    status: 202,
    response: z.strictObject({ job: jobSchema }),
    handle: async ({ caller, body }) => {
      const job = await operations.requestReconciliation(caller, { dryRun: body.dry_run });
      return { job: presentJob(job, caller.isAdmin) };
    },
  });
}
