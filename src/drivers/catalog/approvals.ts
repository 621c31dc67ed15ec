/** Restores that wait for an approval. A decision is taken once: of two at once, one finds that nothing waits any more. */
import type { Requester } from '../../domain/job.ts';
import type { RestoreMode } from '../../domain/restore.ts';
import type { Sql } from './connect.ts';
import { mapped } from './errors.ts';
import { toJson, toRestoreRow, type Columns } from './rows.ts';
import type { JsonObject, RestoreRow } from './types.ts';

const table = 'emberkeep.restores';
type RestoreRecord = Columns<RestoreRow>;

export interface NewPendingRestore {
  id: string;
  pointId: string;
  mode: RestoreMode;
  projectId: string | undefined;
  options: JsonObject;
  requestedBy: Requester;
  /** How long it can be approved. */
  hours: number;
}

export interface Decision {
  by: Requester;
  reason: string | undefined;
}

/** Documented where each is written, below. */
export interface ApprovalStatements {
  ask(restore: NewPendingRestore): Promise<RestoreRow>;
  approve(id: string, jobId: string, decision: Decision): Promise<RestoreRow | undefined>;
  decline(id: string, state: 'rejected' | 'cancelled', decision: Decision): Promise<RestoreRow | undefined>;
  expire(limit: number): Promise<RestoreRow[]>;
}

export function bindApprovals(sql: Sql): ApprovalStatements {
  return {
    ask: (restore) => mapped(() => insertPending(sql, restore)),
    approve: (id, jobId, decision) => mapped(() => approve(sql, id, jobId, decision)),
    decline: (id, state, decision) => mapped(() => decline(sql, id, state, decision)),
    expire: (limit) => mapped(() => expirePending(sql, limit)),
  };
}

async function insertPending(sql: Sql, restore: NewPendingRestore): Promise<RestoreRow> {
  const [row] = (await sql(table)
    .insert({
      id: restore.id,
      point_id: restore.pointId,
      mode: restore.mode,
      project_id: restore.projectId ?? null,
      state: 'pending',
      options: toJson(restore.options),
      requested_by: toJson(restore.requestedBy),
      pending_until: sql.raw('now() + make_interval(hours => ?)', [restore.hours]),
    })
    .returning('*')) as [RestoreRecord];
  return toRestoreRow(row);
}

/** Gives it the job that was just written, in that job's transaction; undefined when it does not wait (any more). */
async function approve(
  sql: Sql,
  id: string,
  jobId: string,
  decision: Decision,
): Promise<RestoreRow | undefined> {
  return await decide(sql, id, decision, { state: 'queued', job_id: jobId });
}

/** undefined when it does not wait (any more). */
async function decline(
  sql: Sql,
  id: string,
  state: 'rejected' | 'cancelled',
  decision: Decision,
): Promise<RestoreRow | undefined> {
  return await decide(sql, id, decision, { state, finished_at: sql.raw('now()') });
}

async function decide(
  sql: Sql,
  id: string,
  { by, reason }: Decision,
  change: Record<string, unknown>,
): Promise<RestoreRow | undefined> {
  const [row] = (await sql(table)
    .where({ id, state: 'pending' })
    .whereRaw('pending_until > now()')
    .update({
      ...change,
      decided_by: toJson(by),
      decided_at: sql.fn.now(),
      decision_reason: reason ?? null,
    })
    .returning('*')) as RestoreRecord[];
  return row && toRestoreRow(row);
}

/** By the database's clock; they never run. */
async function expirePending(sql: Sql, limit: number): Promise<RestoreRow[]> {
  const due = sql(table)
    .select('id')
    .where('state', 'pending')
    .whereRaw('pending_until <= now()')
    .orderBy('pending_until')
    .limit(limit)
    .forUpdate()
    .skipLocked();
  const rows = (await sql(table)
    .whereIn('id', due)
    .update({ state: 'expired', finished_at: sql.raw('pending_until') })
    .returning('*')) as RestoreRecord[];
  return rows.map(toRestoreRow);
}
