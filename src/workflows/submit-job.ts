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

/** Jobs of one transaction: it is short, and a request for a whole pool has few of them. */
const batch = 200;

/**
 * As `submitJob` for each of many, some in one transaction: when one of them fails, those before are begun all the same.
 */
export async function submitJobs(
  { catalog, queue }: SubmitDeps & { queue: Pick<Queue, 'enqueueAll'> },
  caller: Caller,
  submissions: readonly Pick<Submission, 'kind' | 'projectId' | 'target'>[],
): Promise<Job[]> {
  const jobs: Job[] = [];
  for (let at = 0; at < submissions.length; at += batch) {
    const some = submissions.slice(at, at + batch).map((submission) => ({ ...submission, id: newId() }));
    const rows = await catalog.transaction(async (tx) => {
      const inserted = await tx.jobs.insertAll(
        some.map(({ id, kind, projectId, target }) => ({
          id,
          kind,
          projectId: projectId ?? undefined,
          target,
          requestedBy: requesterOf(caller),
          requestId: caller.requestId,
        })),
      );
      await tx.audit.appendAll(
        some.map(({ id: jobId, kind, projectId, target }) =>
          auditEntry(caller, { action: `${kind}.create`, target: { ...target, jobId }, projectId }),
        ),
      );
      await queue.enqueueAll(
        tx.sql,
        some.map(({ id: jobId, kind }) => ({ jobId, kind })),
      );
      return inserted;
    });
    jobs.push(...rows.map(toJob));
  }
  return jobs;
}

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
