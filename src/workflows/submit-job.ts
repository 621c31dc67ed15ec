/** The row, what belongs to it, the audit trail and the work order become visible together or not at all. */
import { newId } from '../base/ids.ts';
import type { Caller } from '../domain/access.ts';
import type { Job, JobKind, Requester } from '../domain/job.ts';
import type { Catalog, CatalogTransaction } from '../drivers/catalog/catalog.ts';
import type { JsonObject } from '../drivers/catalog/types.ts';
import type { Queue } from '../drivers/queue/queue.ts';
import { auditEntry, requesterOf } from './audit-entry.ts';
import { toJob } from './jobs/list-jobs.ts';

export interface SubmitDeps {
  catalog: Pick<Catalog, 'transaction'>;
  queue: Pick<Queue, 'enqueue'>;
}

export interface Submission {
  kind: JobKind;
  projectId: string | null;
  /** What was asked for, with names resolved: all that the worker will know. */
  target: JsonObject;
  /** Who asked for it, when the caller only lets it begin. */
  requestedBy?: Requester | undefined;
  /** In the audit trail; by default that it was asked for. */
  action?: string;
  /** What the audit trail says beside the target. */
  facts?: JsonObject;
}

/** What is written in the job's transaction. */
export type Alongside = (tx: CatalogTransaction, jobId: string) => Promise<void>;

export async function submitJob(
  { catalog, queue }: SubmitDeps,
  caller: Caller,
  submission: Submission,
  alongside: Alongside = () => Promise.resolve(),
): Promise<Job> {
  const { kind, target } = submission;
  const jobId = newId();
  return await catalog.transaction(async (tx) => {
    const row = await tx.jobs.insert({
      id: jobId,
      kind,
      projectId: submission.projectId ?? undefined,
      target,
      requestedBy: submission.requestedBy ?? requesterOf(caller),
      requestId: caller.requestId,
    });
    await alongside(tx, jobId);
    const { projectId, action = `${kind}.create`, facts } = submission;
    await tx.audit.append(auditEntry(caller, { action, target: { ...target, ...facts, jobId }, projectId }));
    await queue.enqueue(tx.sql, { jobId, kind });
    return toJob(row);
  });
}
