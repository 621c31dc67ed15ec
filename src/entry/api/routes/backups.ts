import { AppError } from '../../../base/errors.ts';
import type { BackupTarget } from '../../../domain/target.ts';
import type { ApiDeps } from '../api-deps.ts';
import { jobSchema, presentJob } from '../resources/job.ts';
import { route, type RouteTable } from '../route.ts';
import { backupBody, imagePath } from '../schemas/requests.ts';
import { z } from '../zod.ts';

export function addBackupRoutes(table: RouteTable, { operations, defaultCluster = 'ceph' }: ApiDeps): void {
  route(table, {
    method: 'post',
    path: '/v1/backups',
    operationId: 'requestBackup',
    summary: 'Back something up now',
    description: 'Starts one job for an instance, a volume or an image, and one for each image of a pool.',
    tag: 'backups',
    body: backupBody,
    status: 202,
    response: z.strictObject({ jobs: z.array(jobSchema) }),
    handle: async ({ caller, body }) => {
      const jobs = await operations.requestBackup(caller, {
        target: toTarget(body.target, defaultCluster),
        full: body.full,
        cycle: body.cycle,
        consistency: body.consistency,
        bandwidthMib: body.bandwidth_mib,
        store: body.store,
      });
      return { jobs: jobs.map((job) => presentJob(job, caller.isAdmin)) };
    },
  });
}

function toTarget(target: z.output<typeof backupBody>['target'], defaultCluster: string): BackupTarget {
  const cluster = target.cluster ?? defaultCluster;
  if (target.instance !== undefined) return { kind: 'instance', nameOrId: target.instance };
  if (target.volume !== undefined) return { kind: 'volume', nameOrId: target.volume };
  if (target.pool !== undefined) return { kind: 'pool', cluster, pool: target.pool };
  const path = imagePath(target.image ?? '');
  if (path === undefined) throw new AppError('BUG_TARGET', 'the schema let a target without a kind through');
  return { kind: 'image', location: { cluster, ...path } };
}
