import type { ApiDeps } from '../api-deps.ts';
import { jobSchema, presentJob } from '../resources/job.ts';
import { route, type RouteTable } from '../route.ts';
import { z } from '../zod.ts';

const rebuildBody = z
  .strictObject({
    dry_run: z.boolean().default(false).openapi({ description: 'Only say what would be done.' }),
    store: z.string().min(1).max(4096).optional().openapi({
      description:
        "The store that is meant: its name, an absolute path or s3://BUCKET/PREFIX; refused when it is not among this service's. May be left out when there is one only.",
    }),
  })
  .openapi('RebuildRequest');

export function addCatalogRoutes(table: RouteTable, { operations }: ApiDeps): void {
  route(table, {
    method: 'post',
    path: '/v1/catalog/rebuilds',
    operationId: 'requestRebuild',
    summary: 'Bring points and links back from a store (administrators)',
    description:
      "Starts a job that reads every manifest of the store and adds what the catalog lacks. What is broken is told in the job's " +
      'log, one line each, and passed over; what the catalog has stays as it is.',
    tag: 'catalog',
    body: rebuildBody,
    status: 202,
    response: z.strictObject({ job: jobSchema }),
    handle: async ({ caller, body }) => {
      const job = await operations.requestRebuild(caller, {
        dryRun: body.dry_run,
        store: body.store,
      });
      return { job: presentJob(job, caller.isAdmin) };
    },
  });
}
