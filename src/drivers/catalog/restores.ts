import { AppError } from '../../base/errors.ts';
import { isUuid } from '../../base/ids.ts';
import type { Knex } from 'knex';
import { jobStates } from '../../domain/job.ts';
import type { RestoreState } from '../../domain/restore.ts';
import type { Sql } from './connect.ts';
import { pageOf } from './page.ts';
import { toJson, toJsonOrNull, toRestoreRow, type Columns } from './rows.ts';
import type { JsonObject, NewRestore, RestoreFilter, RestoreRow } from './types.ts';

const table = 'emberkeep.restores';
type RestoreRecord = Columns<RestoreRow>;

export async function insertRestore(sql: Sql, restore: NewRestore): Promise<RestoreRow> {
  const [row] = (await sql(table)
    .insert({
      id: restore.id,
      job_id: restore.jobId,
      point_id: restore.pointId,
      mode: restore.mode,
      project_id: restore.projectId ?? null,
      state: 'queued',
      options: toJson(restore.options ?? {}),
      requested_by: toJsonOrNull(restore.requestedBy),
    })
    .returning('*')) as [RestoreRecord];
  return toRestoreRow(row);
}

/**
 * Moves a restore on, together with its job: call it in the transaction that moves the job. `finishedAt` is set
 * the first time that the state is a final one.
 *
 * @throws NOTFOUND_RESTORE.
 */
export async function updateRestore(
  sql: Sql,
  id: string,
  state: RestoreState,
  result?: JsonObject,
): Promise<RestoreRow> {
  const isFinal = state !== 'queued' && state !== 'running';
  const [row] = (await sql(table)
    .where('id', id)
    .update({
      state,
      ...(result === undefined ? {} : { result: toJsonOrNull(result) }),
      ...(isFinal ? { finished_at: sql.raw('coalesce(finished_at, now())') } : {}),
    })
    .returning('*')) as RestoreRecord[];
  if (row === undefined) throw new AppError('NOTFOUND_RESTORE', `There is no restore ${id}.`);
  return toRestoreRow(row);
}

export async function getRestore(sql: Sql, id: string): Promise<RestoreRow | undefined> {
  return findRestore(sql, 'id', id);
}

export async function restoreOfJob(sql: Sql, jobId: string): Promise<RestoreRow | undefined> {
  return findRestore(sql, 'job_id', jobId);
}

async function findRestore(sql: Sql, column: 'id' | 'job_id', id: string): Promise<RestoreRow | undefined> {
  if (!isUuid(id)) return undefined;
  const row = (await sql(table).where(column, id).first()) as RestoreRecord | undefined;
  return row && toRestoreRow(row);
}

/** Once it has a job, a restore is as its job is, until its undo. */
function whereShown(query: Knex.QueryBuilder, states: readonly RestoreState[]): void {
  const ofJobs = states.filter((state) => isJobState(state));
  query.where((either) => {
    either.whereIn(
      'state',
      states.filter((state) => !isJobState(state)),
    );
    if (ofJobs.length === 0) return;
    either.orWhereRaw(
      `(restores.state <> 'undone' and exists (select from emberkeep.jobs
        where jobs.id = restores.job_id and jobs.state = any(?)))`,
      [ofJobs],
    );
    // Withdrawn before it was approved.
    if (ofJobs.includes('cancelled')) either.orWhere({ state: 'cancelled', job_id: null });
  });
}

function isJobState(state: RestoreState): boolean {
  return jobStates.some((known) => known === state);
}

/** Orders of a list beside its usual one. There are few restores. */
const sorts = { mode: 'mode', undo_until: "coalesce(undo_until, 'infinity')" };

export async function listRestores(sql: Sql, filter: RestoreFilter = {}): Promise<RestoreRow[]> {
  const query = sql(table);
  if (filter.projectId !== undefined) query.where('project_id', filter.projectId);
  if (filter.mode !== undefined) query.where('mode', filter.mode);
  if (filter.states !== undefined) whereShown(query, filter.states);
  if (filter.pointId !== undefined) {
    if (!isUuid(filter.pointId)) return [];
    query.where('point_id', filter.pointId);
  }
  if (filter.sourceId !== undefined)
    // As an array its points are looked up first; PostgreSQL would else read every restore to join them.
    query.whereRaw('point_id = any(array(select id from emberkeep.points where source_id = ?))', [
      filter.sourceId,
    ]);
  return (await pageOf<RestoreRecord>(query, 'created_at', filter, sorts)).map(toRestoreRow);
}
