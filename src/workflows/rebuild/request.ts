import { authorize, type Caller } from '../../domain/access.ts';
import type { Job } from '../../domain/job.ts';
import { submitJob, type SubmitDeps } from '../submit-job.ts';
import type { RebuildOptions } from './run.ts';

export async function requestRebuild(
  deps: SubmitDeps,
  caller: Caller,
  { dryRun }: RebuildOptions,
): Promise<Job> {
  authorize(caller, 'administer', null, 'the catalog');
  return await submitJob(deps, caller, {
    kind: 'rebuild',
    projectId: null,
    target: { name: 'the catalog', dryRun },
  });
}
