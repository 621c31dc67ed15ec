import { AppError } from '../../base/errors.ts';
import type { Caller } from '../../domain/access.ts';
import type { CycleRule } from '../../domain/chain.ts';
import type { Job } from '../../domain/job.ts';
import type { Consistency } from '../../domain/manifest.ts';
import { assertBandwidth } from '../../domain/policy.ts';
import type { RunAttempt } from '../../domain/retry-run.ts';
import { assertStoreName, type StoreNames } from '../../domain/store-names.ts';
import type { BackupTarget, ResolvedTarget } from '../../domain/target.ts';
import type { BackupRequest } from '../operations.ts';
import type { Queue } from '../../drivers/queue/queue.ts';
import { submitJob, submitJobs, type Alongside, type Submission, type SubmitDeps } from '../submit-job.ts';

export interface BackupRequestDeps extends SubmitDeps {
  queue: Pick<Queue, 'enqueue' | 'enqueueAll'>;
  /** Names to ids, authorised; a pool becomes its images. */
  resolveTargets(caller: Caller, target: BackupTarget): Promise<ResolvedTarget[]>;
  cycle: CycleRule;
  stores: Pick<StoreNames, 'names'>;
}

/** What a backup job's row holds as its target. */
export interface BackupJobTarget {
  target: ResolvedTarget;
  forceFull: boolean;
  cycle: CycleRule;
  consistency?: Consistency | undefined;
  bandwidthMib?: number | undefined;
  /** Name of the store; undefined: the default one. */
  store?: string | undefined;
  /** Name of the policy that asked for it. */
  policy?: string | undefined;
  /** Which attempt of which run of the policy it is, unless the first. */
  run?: RunAttempt | undefined;
}

export async function requestBackup(
  deps: BackupRequestDeps,
  caller: Caller,
  request: BackupRequest,
): Promise<Job[]> {
  if (request.consistency === 'paused' && request.target.kind !== 'instance') {
    throw new AppError(
      'INPUT_CONSISTENCY',
      `only an instance can be paused, not a ${request.target.kind}; leave the consistency out, or back up the instance`,
    );
  }
  assertBandwidth(request.bandwidthMib);
  assertStoreName(deps.stores, request.store);
  const targets = await deps.resolveTargets(caller, request.target);
  const cycle: CycleRule = {
    maxIncrements: request.cycle?.increments ?? deps.cycle.maxIncrements,
    maxDays: request.cycle?.days ?? deps.cycle.maxDays,
  };
  const { bandwidthMib, consistency = 'crash', full: forceFull, store } = request;
  return await submitJobs(
    deps,
    caller,
    targets.map((target) => submissionOf({ target, forceFull, cycle, consistency, bandwidthMib, store })),
  );
}

function submissionOf(jobTarget: BackupJobTarget): Submission {
  const { target } = jobTarget;
  const projectId = target.kind === 'image' ? null : target.projectId;
  return { kind: 'backup', projectId, target: { ...jobTarget } };
}

/** Of one thing that the caller may back up. */
export async function submitBackup(
  deps: SubmitDeps,
  caller: Caller,
  jobTarget: BackupJobTarget,
  alongside?: Alongside,
): Promise<Job> {
  return await submitJob(deps, caller, submissionOf(jobTarget), alongside);
}
