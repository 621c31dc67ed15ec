import { AppError } from '../../base/errors.ts';
import { isUuid } from '../../base/ids.ts';
import { statesBefore, type JobProgress } from '../../domain/job.ts';
import type { Knex } from 'knex';
import type { Sql } from './connect.ts';
import { appendJobEvent, appendJobEvents } from './job-events.ts';
import { atomically, pageOf } from './page.ts';
import { toJobRow, toJson, toJsonOrNull, type JobRecord } from './rows.ts';
import type { JobFilter, JobOutcome, JobPulse, JobRow, JsonObject, NewJob } from './types.ts';

const table = 'emberkeep.jobs';

/** Writes a queued job. Enqueue its work order in the same transaction, so that neither exists without the other. */
export async function insertJob(sql: Sql, job: NewJob): Promise<JobRow> {
  const [row] = (await insertJobs(sql, [job])) as [JobRow];
  return row;
}

/** The same for some hundreds at once, in their order. */
export async function insertJobs(sql: Sql, jobs: readonly NewJob[]): Promise<JobRow[]> {
  return atomically(sql, async (trx) => {
    const rows = (await trx(table)
      .insert(
        jobs.map((job) => ({
          id: job.id,
          kind: job.kind,
          project_id: job.projectId ?? null,
          target: toJson(job.target),
          plan: toJson(job.plan ?? {}),
          requested_by: toJson(job.requestedBy),
          request_id: job.requestId ?? null,
        })),
      )
      .returning('*')) as JobRecord[];
    await appendJobEvents(
      trx,
      jobs.map(({ id }) => ({ jobId: id, kind: 'state', data: { state: 'queued' } })),
    );
    const byId = new Map(rows.map((row) => [row.id, toJobRow(row)]));
    return jobs.flatMap(({ id }) => byId.get(id) ?? []);
  });
}

/** In no order; of ids that are none there is no row. */
export async function jobsOfIds(sql: Sql, ids: readonly string[]): Promise<JobRow[]> {
  return ((await sql(table).whereIn('id', ids.filter(isUuid))) as JobRecord[]).map(toJobRow);
}

/** undefined also for no id at all: a restore that waits for an approval has no job. */
export async function getJob(sql: Sql, id: string | undefined): Promise<JobRow | undefined> {
  if (id === undefined || !isUuid(id)) return undefined;
  const row = (await sql(table).where('id', id).first()) as JobRecord | undefined;
  return row && toJobRow(row);
}

/** Orders of a list beside its usual one; each has an index (migrations 0016, 0021). */
const sorts = {
  finished_at: "coalesce(finished_at, 'infinity')",
  duration: "coalesce(extract(epoch from (finished_at - started_at))::float8, 'infinity')",
  kind: 'kind',
  state: 'state',
};

export async function listJobs(sql: Sql, filter: JobFilter = {}): Promise<JobRow[]> {
  const query = sql(table);
  if (filter.kind !== undefined) query.where('kind', filter.kind);
  if (filter.states !== undefined) query.whereIn('state', filter.states);
  if (filter.projectId !== undefined) query.where('project_id', filter.projectId);
  if (filter.since !== undefined) query.where('created_at', '>=', filter.since);
  if (filter.before !== undefined) query.where('created_at', '<', filter.before);
  if (filter.sourceId !== undefined) query.where('source_id', filter.sourceId);
  if (filter.requestId !== undefined) query.where('request_id', filter.requestId);
  return (await pageOf<JobRecord>(query, 'created_at', filter, sorts)).map(toJobRow);
}

/** Every job that is queued or running, oldest first: what reconcile compares with the queue's work orders. */
export async function unfinishedJobs(sql: Sql): Promise<JobRow[]> {
  const rows = (await sql(table)
    .whereIn('state', ['queued', 'running'])
    .orderBy('created_at')) as JobRecord[];
  return rows.map(toJobRow);
}

/**
 * A worker takes the job: state `running`, attempt + 1. From here on every write of an earlier attempt is refused,
 * so a worker that was believed dead cannot spoil the work of its successor (I9).
 *
 * @returns undefined when there is nothing to do: the job has ended (an order can be delivered twice).
 */
export async function startJob(sql: Sql, id: string): Promise<JobRow | undefined> {
  return atomically(sql, async (trx) => {
    const [row] = (await trx(table)
      .where('id', id)
      .whereIn('state', statesBefore('running'))
      .update({
        state: 'running',
        attempt: trx.raw('attempt + 1'),
        started_at: trx.raw('coalesce(started_at, now())'),
        updated_at: trx.fn.now(),
      })
      .returning('*')) as JobRecord[];
    if (row === undefined) return undefined;
    await appendJobEvent(trx, id, 'state', { state: 'running', attempt: row.attempt });
    return toJobRow(row);
  });
}

/**
 * Replaces the job's plan: to be called before a step is begun, with everything that a resume of it needs (I9).
 *
 * @throws CONFLICT_STALE_ATTEMPT when another worker has taken the job, or it has ended.
 */
export async function recordPlan(
  sql: Sql,
  id: string,
  attempt: number,
  plan: JsonObject,
  step: string,
): Promise<JobPulse> {
  return atomically(sql, async (trx) => {
    const row = await writeAs(trx, id, attempt, { plan: toJson(plan), step });
    await appendJobEvent(trx, id, 'step', { step });
    return { cancelRequested: row.cancel_requested };
  });
}

/** Replaces the job's progress; watchers are woken. @throws CONFLICT_STALE_ATTEMPT as `recordPlan` does. */
export async function recordProgress(
  sql: Sql,
  id: string,
  attempt: number,
  progress: JobProgress,
): Promise<JobPulse> {
  const row = await writeAs(sql, id, attempt, { progress: toJson(progress) });
  return { cancelRequested: row.cancel_requested };
}

/**
 * Ends the job. Repeating the same outcome for the same attempt changes nothing, so it may be retried when the
 * answer was lost. A job that no worker ever took (attempt 0) can fail or be cancelled this way too.
 *
 * @throws CONFLICT_STALE_ATTEMPT.
 */
export async function finishJob(sql: Sql, id: string, attempt: number, outcome: JobOutcome): Promise<JobRow> {
  return atomically(sql, async (trx) => {
    const [row] = (await trx(table)
      .where({ id, attempt })
      .whereIn('state', statesBefore(outcome.state))
      .update({
        state: outcome.state,
        result: toJsonOrNull('result' in outcome ? outcome.result : undefined),
        error: toJsonOrNull('error' in outcome ? outcome.error : undefined),
        finished_at: trx.fn.now(),
        updated_at: trx.fn.now(),
      })
      .returning('*')) as JobRecord[];
    if (row === undefined) {
      const current = await getJob(trx, id);
      if (current?.attempt === attempt && current.state === outcome.state) return current;
      throw staleAttempt(id, attempt, current);
    }
    await appendJobEvent(trx, id, 'state', { ...outcome });
    return toJobRow(row);
  });
}

/**
 * Asks a job to stop. One that no worker has taken ends at once; a running one learns of it at its next write, cleans
 * up and ends itself as `cancelled`. A finished job is left as it is.
 *
 * @returns the job as it is now; undefined when there is none.
 */
export async function requestJobCancel(sql: Sql, id: string): Promise<JobRow | undefined> {
  if (!isUuid(id)) return undefined;
  return atomically(sql, async (trx) => {
    const before = (await trx(table).where('id', id).forUpdate().first()) as JobRecord | undefined;
    if (before === undefined) return undefined;
    if (before.state === 'queued') return finishJob(trx, id, before.attempt, { state: 'cancelled' });
    if (before.state !== 'running' || before.cancel_requested) return toJobRow(before);
    const [row] = (await trx(table)
      .where('id', id)
      .update({ cancel_requested: true, updated_at: trx.fn.now() })
      .returning('*')) as [JobRecord];
    return toJobRow(row);
  });
}

async function writeAs(
  sql: Sql,
  id: string,
  attempt: number,
  columns: Record<string, Knex.Value>,
): Promise<JobRecord> {
  const [row] = (await sql(table)
    .where({ id, attempt, state: 'running' })
    .update({ ...columns, updated_at: sql.fn.now() })
    .returning('*')) as JobRecord[];
  if (row === undefined) throw staleAttempt(id, attempt, await getJob(sql, id));
  return row;
}

function staleAttempt(id: string, attempt: number, current: JobRow | undefined): AppError {
  const now = current ? `attempt ${current.attempt}, ${current.state}` : 'gone';
  return new AppError(
    'CONFLICT_STALE_ATTEMPT',
    `Attempt ${attempt} of job ${id} may not write any more (the job is now ${now}): this worker must stop.`,
    { details: { jobId: id, attempt, currentAttempt: current?.attempt, currentState: current?.state } },
  );
}
