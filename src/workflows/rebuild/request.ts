import { AppError } from '../../base/errors.ts';
import { authorize, type Caller } from '../../domain/access.ts';
import type { Job } from '../../domain/job.ts';
import { submitJob, type SubmitDeps } from '../submit-job.ts';
import type { RebuildRequest } from './run.ts';

export interface RequestRebuildDeps extends SubmitDeps {
  /** Of this service, in the form of RebuildRequest's. */
  storePlace: string;
}

/** Throws INPUT_STORE when the caller means another store than this service's. */
export async function requestRebuild(
  deps: RequestRebuildDeps,
  caller: Caller,
  { dryRun, store }: RebuildRequest,
): Promise<Job> {
  authorize(caller, 'administer', null, 'the catalog');
  const { storePlace } = deps;
  if (store !== undefined && withoutSlashes(store) !== withoutSlashes(storePlace))
    throw new AppError(
      'INPUT_STORE',
      `This service's store is ${storePlace}, not ${store}; leave the store out, or configure the other one and restart the service`,
    );
  return await submitJob(deps, caller, {
    kind: 'rebuild',
    projectId: null,
    target: { name: 'the catalog', dryRun },
  });
}

function withoutSlashes(place: string): string {
  return place.replace(/\/+$/, '');
}
