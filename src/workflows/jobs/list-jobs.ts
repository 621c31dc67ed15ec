import { AppError } from '../../base/errors.ts';
import { retry, type Sleep } from '../../base/retry.ts';
import { isUuid } from '../../base/ids.ts';
import { authorize, isAllowed, notFound, visibleProject, type Caller } from '../../domain/access.ts';
import { isFinishedJob, jobStates, type Job, type JobEvent, type JobState } from '../../domain/job.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { JobRow } from '../../drivers/catalog/types.ts';
import { auditEntry } from '../audit-entry.ts';
import type { JobFilter, Page } from '../operations.ts';

type Statements = Pick<Catalog, 'jobs' | 'events'>;

export async function listJobs({ jobs }: Statements, caller: Caller, filter: JobFilter): Promise<Page<Job>> {
  const { kind, state, sourceId, requestId, limit, marker, projectId: asked, since, before, sort } = filter;
  if (asked !== undefined) authorize(caller, 'read', asked, `project "${asked}"`);
  const projectId = asked ?? visibleProject(caller);
  const rows = await jobs.list({
    kind,
    ...(state === undefined ? {} : { states: [jobState(state)] }),
    projectId,
    sourceId,
    requestId,
    since,
    before,
    limit: limit + 1,
    marker,
    sort,
  });
  const page = rows.slice(0, limit);
  return { items: page.map(toJob), nextMarker: rows.length > limit ? page.at(-1)?.id : undefined };
}

function jobState(text: string): JobState {
  const state = jobStates.find((known) => known === text);
  if (state !== undefined) return state;
  throw new AppError(
    'INPUT_JOB_STATE',
    `"${text}" is no state of a job; the states are ${jobStates.join(', ')}`,
  );
}

export async function findJob(
  { jobs }: Pick<Statements, 'jobs'>,
  caller: Caller,
  jobId: string,
): Promise<JobRow> {
  const row = isUuid(jobId) ? await jobs.get(jobId) : undefined;
  if (row === undefined || !isAllowed(caller, 'read', row.projectId ?? null))
    throw notFound(`job "${jobId}"`);
  return row;
}

export async function cancelJob(
  { jobs, transaction }: Pick<Catalog, 'jobs' | 'transaction'>,
  caller: Caller,
  jobId: string,
): Promise<Job> {
  const row = await findJob({ jobs }, caller, jobId);
  authorize(caller, 'cancel', row.projectId ?? null, `job "${jobId}"`);
  if (isFinishedJob(row.state)) {
    throw new AppError(
      'CONFLICT_JOB_FINISHED',
      `job ${jobId} has ${row.state} already, so there is nothing to cancel`,
    );
  }
  return await transaction(async (tx) => {
    const cancelled = (await tx.jobs.requestCancel(jobId)) ?? row;
    const { kind, projectId = null } = row;
    await tx.audit.append(auditEntry(caller, { action: 'job.cancel', target: { jobId, kind }, projectId }));
    return toJob(cancelled);
  });
}

const pollMs = 500;

/** A watcher waits through a restart or failover of the database, for some minutes. */
const patience = { attempts: 60, firstDelayMs: 250, maxDelayMs: 5_000 };

/** The job's events after one, as they come, ending with its last. */
export async function* watchJob(
  statements: Statements & { sleep: Sleep },
  caller: Caller,
  jobId: string,
  afterEventId: number,
  signal: AbortSignal,
): AsyncGenerator<JobEvent> {
  await findJob(statements, caller, jobId);
  let after = afterEventId;
  const look = async () => {
    // Asked before the events: what a finished job had to say is then all among them.
    const finished = isFinishedJob((await findJob(statements, caller, jobId)).state);
    return { finished, events: await statements.events.since(jobId, after) };
  };
  const shouldRetry = (error: unknown): boolean => error instanceof AppError && error.retryable;
  while (!signal.aborted) {
    const { finished, events } = await retry(look, {
      ...patience,
      sleep: statements.sleep,
      signal,
      shouldRetry,
    });
    for (const event of events) {
      after = event.id;
      yield event;
    }
    if (finished) return;
    await statements.sleep(pollMs, signal);
  }
}

export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    projectId: row.projectId ?? null,
    target: row.target,
    step: row.step ?? null,
    progress: row.progress,
    result: row.result ?? null,
    error: row.error ?? null,
    attempt: row.attempt,
    cancelRequested: row.cancelRequested,
    requestedBy: row.requestedBy,
    requestId: row.requestId ?? '',
    createdAt: row.createdAt,
    startedAt: row.startedAt ?? null,
    finishedAt: row.finishedAt ?? null,
  };
}
