import type { FinalJobState } from '../../domain/job.ts';
import type { PolicyReach, PolicySource } from '../../domain/policy-assignment.ts';
import type { PlannedRetry, RunAttempt } from '../../domain/retry-run.ts';
import type { Sql } from './connect.ts';
import { atomically, pageOf } from './page.ts';
import { toJson, toJsonOrNull, toPolicySourceRow, type PolicySourceRecord } from './rows.ts';
import type { Page } from './types.ts';

const table = 'emberkeep.policy_sources';
type SourceRecord = PolicySourceRecord;

/** A source as it is to be from now on; what came of its runs stays. */
export type PlannedSource = Pick<
  PolicySource,
  | 'id'
  | 'policyId'
  | 'revision'
  | 'kind'
  | 'sourceId'
  | 'sourceName'
  | 'projectId'
  | 'target'
  | 'reach'
  | 'gone'
  | 'nextRunAt'
>;

/** A run that ended: what came of a source's backup. */
export interface EndedRun {
  source: PolicySource;
  jobState: FinalJobState;
  jobError: string | undefined;
  /** Why it failed. */
  jobErrorCode: string | undefined;
  /** Which attempt it was, unless the first. */
  jobRun: RunAttempt | undefined;
}

export interface PolicySourceFilter extends Page {
  policyId?: string | undefined;
  projectId?: string | undefined;
  reach?: PolicyReach | undefined;
  lastState?: PolicySource['lastState'];
}

/** Orders of the list beside its usual one, each with an index (migration 0020); what has no value is after all that has. */
const sorts = {
  source_name: '(lower(source_name) collate "C")',
  reached_by: `(coalesce(reach, '~') collate "C")`,
  last_state: `(coalesce(last_state, '~') collate "C")`,
  last_run_at: "coalesce(last_run_at, 'infinity')",
  next_run_at: "coalesce(next_run_at, 'infinity')",
};

/** Newest first. */
export async function listPolicySources(
  sql: Sql,
  { policyId, projectId, reach, lastState, ...page }: PolicySourceFilter = {},
): Promise<PolicySource[]> {
  const query = sql(table);
  if (policyId !== undefined) query.where('policy_id', policyId);
  if (projectId !== undefined) query.where('project_id', projectId);
  // By the expressions of the orders, which have the index.
  if (reach !== undefined) query.whereRaw(`${sorts.reached_by} = ?`, [reach]);
  if (lastState !== undefined) query.whereRaw(`${sorts.last_state} = ?`, [lastState]);
  return (await pageOf<SourceRecord>(query, 'created_at', page, sorts)).map(toPolicySourceRow);
}

/** Every source, to be compared with what is in the cloud now. */
export async function allPolicySources(sql: Sql): Promise<PolicySource[]> {
  return ((await sql(table).orderBy('id')) as SourceRecord[]).map(toPolicySourceRow);
}

/** Due at `now`, the longest overdue first. */
export async function dueSources(sql: Sql, now: Date, limit: number): Promise<PolicySource[]> {
  const rows = (await sql(table)
    .where('next_run_at', '<=', now)
    .orderBy(['next_run_at', 'id'])
    .limit(limit)) as SourceRecord[];
  return rows.map(toPolicySourceRow);
}

/** Runs whose jobs have ended since. */
export async function endedRuns(sql: Sql, limit: number): Promise<EndedRun[]> {
  const rows = (await sql(`${table} as sources`)
    .join('emberkeep.jobs as jobs', 'jobs.id', 'sources.job_id')
    .select(
      'sources.*',
      'jobs.state as job_state',
      sql.raw(
        `jobs.error ->> 'message' as job_error, jobs.error ->> 'code' as job_error_code, jobs.target -> 'run' as job_run`,
      ),
    )
    .whereNotNull('sources.job_id')
    .whereIn('jobs.state', ['succeeded', 'failed', 'cancelled'])
    .orderBy('sources.id')
    .limit(limit)) as (SourceRecord & {
    job_state: FinalJobState;
    job_error: string | null;
    job_error_code: string | null;
    job_run: RunAttempt | null;
  })[];
  return rows.map(({ job_state, job_error, job_error_code, job_run, ...record }) => ({
    source: toPolicySourceRow(record),
    jobState: job_state,
    jobError: job_error ?? undefined,
    jobErrorCode: job_error_code ?? undefined,
    jobRun: job_run ?? undefined,
  }));
}

/** Policies whose window is closed: what of their runs is to go. */
export interface ClosedWindows {
  /** Ids of all of them: runs that have not begun. */
  closed: readonly string[];
  /** Ids of those that end what runs. */
  cancelling: readonly string[];
}

/** A run that its window's end cuts short. */
export interface CutRun {
  source: PolicySource;
  jobId: string;
  jobState: 'queued' | 'running';
}

/** Runs that have not begun, or are to be cancelled and were not told yet. */
export async function cutRuns(
  sql: Sql,
  { closed, cancelling }: ClosedWindows,
  limit: number,
): Promise<CutRun[]> {
  const rows = (await sql(`${table} as sources`)
    .join('emberkeep.jobs as jobs', 'jobs.id', 'sources.job_id')
    .select('sources.*', 'jobs.state as job_state')
    .whereNotNull('sources.job_id')
    .whereRaw(
      `(jobs.state = 'queued' and sources.policy_id = any(?)
        or jobs.state = 'running' and not jobs.cancel_requested and sources.policy_id = any(?))`,
      [[...closed], [...cancelling]],
    )
    .orderBy('sources.id')
    .limit(limit)) as (SourceRecord & { job_id: string; job_state: CutRun['jobState'] })[];
  return rows.map(({ job_state: jobState, ...record }) => ({
    source: toPolicySourceRow(record),
    jobId: record.job_id,
    jobState,
  }));
}

/** The source whose backup that job is, if it is one of a policy that is not settled. */
export async function sourceOfJob(sql: Sql, jobId: string): Promise<PolicySource | undefined> {
  const row = (await sql(table).where('job_id', jobId).first()) as SourceRecord | undefined;
  return row && toPolicySourceRow(row);
}

/** Takes note of the end of a run; nothing when that was done already. */
export async function settleRun(
  sql: Sql,
  { source: { id, jobId }, jobState }: Pick<EndedRun, 'source' | 'jobState'>,
  lastError: string | undefined,
): Promise<void> {
  await sql(table)
    .where({ id, job_id: jobId ?? null })
    .update({ job_id: null, last_state: jobState, last_error: lastError ?? null });
}

export interface RunChange {
  nextRunAt: Date | undefined;
  /** A backup that was asked for now. */
  run?: { at: Date; jobId: string } | undefined;
  lastError?: string | undefined;
  /** What is due then is a run that failed; else it is a run of its own. */
  retry?: PlannedRetry | undefined;
}

/**
 * Moves a source on, unless somebody else did: then nothing is changed. In the transaction that asks for the backup,
 * no run is asked for twice, whoever was killed in between (I9).
 *
 * @returns whether it was this call that moved it.
 */
export async function moveOn(
  sql: Sql,
  { id, nextRunAt: expected }: Pick<PolicySource, 'id' | 'nextRunAt'>,
  { nextRunAt, run, lastError, retry }: RunChange,
): Promise<boolean> {
  const moved = await sql(table)
    .where({ id })
    // Not by =: that is looked up in the index over what is due, where every source of a cron expression has the same instant.
    .whereRaw('next_run_at is not distinct from ?::timestamptz', [expected ?? null])
    .update({
      next_run_at: nextRunAt ?? null,
      retry: toJsonOrNull(retry),
      ...(run === undefined
        ? {}
        : { last_run_at: run.at, job_id: run.jobId, last_state: 'running', last_error: null }),
      ...(lastError === undefined ? {} : { last_error: lastError }),
    });
  return moved === 1;
}

/** What is assigned now: those that a policy has no more, then new ones and changed ones, all or nothing. */
export async function saveSources(
  sql: Sql,
  { planned, removedIds }: { planned: readonly PlannedSource[]; removedIds: readonly string[] },
): Promise<void> {
  await atomically(sql, async (trx) => {
    for (let at = 0; at < removedIds.length; at += batch)
      await trx(table)
        .whereIn('id', removedIds.slice(at, at + batch))
        .delete();
    for (let at = 0; at < planned.length; at += batch) await savePlanned(trx, planned.slice(at, at + batch));
  });
}

/** What is known may have got another policy; what is new may be known to another worker meanwhile. */
async function savePlanned(trx: Sql, planned: readonly PlannedSource[]): Promise<void> {
  const ids = planned.map(({ id }) => id);
  const known = new Set((await trx(table).whereIn('id', ids).pluck('id')) as string[]);
  const save = async (rows: readonly PlannedSource[], key: string | string[]): Promise<void> => {
    if (rows.length === 0) return;
    await trx(table)
      .insert(rows.map(toRecord))
      .onConflict(key as string)
      .merge([
        'policy_id',
        'revision',
        'source_name',
        'project_id',
        'target',
        'reach',
        'gone',
        'next_run_at',
      ]);
  };
  await save(
    planned.filter(({ id }) => known.has(id)),
    'id',
  );
  await save(
    planned.filter(({ id }) => !known.has(id)),
    ['policy_id', 'kind', 'source_id'],
  );
}

const batch = 500;

function toRecord(source: PlannedSource): Record<string, unknown> {
  return {
    id: source.id,
    policy_id: source.policyId,
    revision: source.revision,
    kind: source.kind,
    source_id: source.sourceId,
    source_name: source.sourceName,
    project_id: source.projectId ?? null,
    target: toJson(source.target),
    reach: source.reach ?? null,
    gone: source.gone,
    next_run_at: source.nextRunAt ?? null,
  };
}

/**
 * Whether assignments are to be resolved now; then nobody else does until `again`. An instant beyond that can only be
 * from a clock that was wrong.
 */
export async function beginResolve(sql: Sql, now: Date, again: Date): Promise<boolean> {
  const begun = await sql('emberkeep.policy_scheduler')
    .whereRaw('(resolve_at <= ? or resolve_at > ?)', [now, again])
    .update({ resolve_at: again });
  return begun === 1;
}
