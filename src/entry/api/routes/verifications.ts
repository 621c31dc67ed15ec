import { AppError } from '../../../base/errors.ts';
import type { VerificationTarget } from '../../../domain/verification.ts';
import type { ApiDeps } from '../api-deps.ts';
import { jobSchema, presentJob } from '../resources/job.ts';
import { route, type RouteTable } from '../route.ts';
import { verificationBody } from '../schemas/verification-body.ts';
import { z } from '../zod.ts';

export function addVerificationRoutes(table: RouteTable, { operations }: ApiDeps): void {
  route(table, {
    method: 'post',
    path: '/v1/verifications',
    operationId: 'requestVerification',
    summary: 'Verify recovery points',
    description:
      'Starts one job. It succeeds when it could look at every point, whatever it found: its result counts the points ' +
      'that are intact, damaged and unverified. What it found of a point is in the point.',
    tag: 'points',
    body: verificationBody,
    status: 202,
    response: z.strictObject({ job: jobSchema }),
    handle: async ({ caller, body }) => {
      const job = await operations.requestVerification(caller, {
        target: toTarget(body.target),
        level: body.level,
      });
      return { job: presentJob(job, caller.isAdmin) };
    },
  });
}

function toTarget({ point, source, all }: z.output<typeof verificationBody>['target']): VerificationTarget {
  if (point !== undefined) return { pointId: point };
  if (source !== undefined) return { source };
  if (all === true) return { all };
  throw new AppError('BUG_TARGET', 'the schema let a target without a kind through');
}
