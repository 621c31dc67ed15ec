import { AppError } from '../../base/errors.ts';
import { authorize, type Caller } from '../../domain/access.ts';
import type { Job } from '../../domain/job.ts';
import { unknownStore, type StoreNames } from '../../domain/store-names.ts';
import { submitJob, type SubmitDeps } from '../submit-job.ts';
import type { RebuildRequest } from './run.ts';

export interface RequestRebuildDeps extends SubmitDeps {
  /** With the place of each, in the form of RebuildRequest's. */
  stores: StoreNames & { placeOf: (name: string) => string };
}

/** What a rebuild job's row holds as its target. */
export interface RebuildJobTarget {
  /** What people read. */
  name: string;
  /** Name of the store; absent in jobs that were asked for when there was only one. */
  store?: string;
  dryRun: boolean;
}

/** Throws INPUT_STORE when the caller means a store that this service has not, or none of several. */
export async function requestRebuild(
  deps: RequestRebuildDeps,
  caller: Caller,
  { dryRun, store: asked }: RebuildRequest,
): Promise<Job> {
  authorize(caller, 'administer', null, 'the catalog');
  const store = chooseStore(deps.stores, asked);
  const target: RebuildJobTarget = { name: 'the catalog', store, dryRun };
  return await submitJob(deps, caller, { kind: 'rebuild', projectId: null, target: { ...target } });
}

function chooseStore({ names, defaultName, placeOf }: RequestRebuildDeps['stores'], asked?: string): string {
  if (asked === undefined && names.length === 1) return defaultName;
  if (asked === undefined)
    throw new AppError('INPUT_STORE', `this service has several stores; name one of ${names.join(', ')}`);
  const found =
    names.find((name) => name === asked) ??
    names.find((name) => withoutSlashes(placeOf(name)) === withoutSlashes(asked));
  if (found !== undefined) return found;
  if (!asked.includes('/')) throw unknownStore(asked, names);
  if (names.length === 1)
    throw new AppError(
      'INPUT_STORE',
      `This service's store is ${placeOf(defaultName)}, not ${asked}; leave the store out, or configure the other one and restart the service`,
    );
  const places = names.map((name) => `${name} in ${placeOf(name)}`).join(', ');
  throw new AppError(
    'INPUT_STORE',
    `this service has ${places}, and none in ${asked}; configure that one and start the service again`,
  );
}

function withoutSlashes(place: string): string {
  return place.replace(/\/+$/, '');
}
