import { authorize, type Caller } from '../../domain/access.ts';
import type { Job } from '../../domain/job.ts';
import type { ReconciliationRequest } from '../../domain/reconciliation.ts';
import { submitJob, type SubmitDeps } from '../submit-job.ts';

/** What a reconciliation's row holds as its target. */
export interface ReconcileJobTarget extends ReconciliationRequest {
  /** What people read. */
  name: string;
}

export async function requestReconciliation(
  deps: SubmitDeps,
  caller: Caller,
  { dryRun }: ReconciliationRequest,
): Promise<Job> {
  authorize(caller, 'administer', null, 'what the service left behind');
  const target: ReconcileJobTarget = { name: 'what jobs left behind', dryRun };
  return await submitJob(deps, caller, { kind: 'reconcile', projectId: null, target: { ...target } });
}
