/** What of a restore's row is about its undo. */
import { AppError } from '../../base/errors.ts';
import type { Sql } from './connect.ts';
import { mapped } from './errors.ts';
import { toRestoreRow, type Columns } from './rows.ts';
import type { RestoreRow } from './types.ts';

const table = 'emberkeep.restores';
type RestoreRecord = Columns<RestoreRow>;

type BegunRestore = Pick<RestoreRow, 'id' | 'createdAt'> & Partial<Pick<RestoreRow, 'decidedAt'>>;

/** Documented where each is written, below. */
export interface UndoStatements {
  allow(restoreId: string, days: number): Promise<void>;
  begin(restoreId: string, jobId: string): Promise<void>;
  beginRest(restoreId: string, jobId: string): Promise<void>;
  done(restoreId: string): Promise<void>;
  release(restoreId: string): Promise<void>;
  expired(limit: number): Promise<RestoreRow[]>;
  laterThan(restore: BegunRestore, diskKeys: readonly string[]): Promise<RestoreRow | undefined>;
  halfDone(diskKeys: readonly string[]): Promise<RestoreRow[]>;
}

export function undoStatements(sql: Sql): UndoStatements {
  return {
    allow: (id, days) => mapped(() => allowUndo(sql, id, days)),
    begin: (id, jobId) => mapped(() => beginUndo(sql, id, jobId)),
    beginRest: (id, jobId) => mapped(() => beginRest(sql, id, jobId)),
    done: (id) => mapped(() => markUndone(sql, id)),
    release: (id) => mapped(() => releaseUndo(sql, id)),
    expired: (limit) => mapped(() => expiredUndo(sql, limit)),
    laterThan: (restore, diskKeys) => mapped(() => laterRestoreOf(sql, restore, diskKeys)),
    halfDone: (diskKeys) => mapped(() => halfDoneRestores(sql, diskKeys)),
  };
}

/** By the database's clock, which decides its end too. Repeated, it leaves the first end as it is (I9). */
async function allowUndo(sql: Sql, id: string, days: number): Promise<void> {
  await sql(table)
    .where('id', id)
    .update({ undo_until: sql.raw(`coalesce(undo_until, now() + make_interval(days => ?))`, [days]) });
}

/**
 * Enters the job that undoes it; call it in the transaction that writes the job. Of two at once one waits for the other
 * and is refused.
 *
 * @throws CONFLICT_UNDO_EXPIRED, CONFLICT_JOB_UNDER_WAY.
 */
async function beginUndo(sql: Sql, id: string, jobId: string): Promise<void> {
  const [row] = (await sql(table)
    .where('id', id)
    .whereNull('undone_at')
    .whereNull('undo_released_at')
    .whereRaw('undo_until > now()')
    .update({ undo_job_id: jobId })
    .returning('*')) as RestoreRecord[];
  if (row === undefined)
    throw new AppError('CONFLICT_UNDO_EXPIRED', `restore ${id} cannot be undone any more: its time is over`);
}

/**
 * As `begin`, for the rest of what a restore that failed could not take back itself: that has no end of time.
 *
 * @throws CONFLICT_UNDONE.
 */
async function beginRest(sql: Sql, id: string, jobId: string): Promise<void> {
  const [row] = (await sql(table)
    .where('id', id)
    .whereNull('undone_at')
    .update({ undo_job_id: jobId })
    .returning('*')) as RestoreRecord[];
  if (row === undefined) throw new AppError('CONFLICT_UNDONE', `restore ${id} is undone already`);
}

async function markUndone(sql: Sql, id: string): Promise<void> {
  const now = sql.fn.now();
  await sql(table)
    .where('id', id)
    .update({
      state: 'undone',
      undone_at: sql.raw('coalesce(undone_at, now())'),
      undo_released_at: now,
    });
}

/** What was kept for it is gone. */
async function releaseUndo(sql: Sql, id: string): Promise<void> {
  await sql(table).where('id', id).update({ undo_released_at: sql.fn.now() });
}

/** Oldest first: their time is over, nobody undoes them just now, and what they keep is still there. */
async function expiredUndo(sql: Sql, limit: number): Promise<RestoreRow[]> {
  const rows = (await sql(table)
    .whereNotNull('undo_until')
    .whereNull('undo_released_at')
    .whereRaw('undo_until <= now()')
    .whereRaw(
      `not exists (select from emberkeep.jobs where jobs.id = restores.undo_job_id and jobs.state in ('queued', 'running'))`,
    )
    .orderBy(['undo_until', 'id'])
    .limit(limit)) as RestoreRecord[];
  return rows.map(toRestoreRow);
}

/** Escaped for knex, and an operator, not its function, for the index of 0017-half-done. */
const ofDisks = (restores: string): string => `${restores}.options -> 'disks' \\?| ?`;

/** The first later restore of the same disks that changed or may yet change them, and was not undone. */
async function laterRestoreOf(
  sql: Sql,
  { id, createdAt, decidedAt }: BegunRestore,
  diskKeys: readonly string[],
): Promise<RestoreRow | undefined> {
  const row = (await sql(`${table} as later`)
    .select('later.*')
    .join('emberkeep.jobs', 'jobs.id', 'later.job_id')
    .whereNot('later.id', id)
    // By when they began: one that waited for an approval was asked for long before.
    .whereRaw('coalesce(later.decided_at, later.created_at) >= ?', [decidedAt ?? createdAt])
    .whereIn('later.mode', ['replace', 'in-place'])
    .whereNot('later.state', 'undone')
    .whereIn('jobs.state', ['queued', 'running', 'succeeded'])
    .whereRaw(ofDisks('later'), [[...diskKeys]])
    .orderBy('later.created_at')
    .first()) as RestoreRecord | undefined;
  return row && toRestoreRow(row);
}

/**
 * Restores in place of these disks, newest first, that could neither be finished nor taken back, themselves or by their undo, and
 * that no later restore of a disk of theirs has made up for. One whose undo is asked for again is among them until it begins.
 */
async function halfDoneRestores(sql: Sql, diskKeys: readonly string[]): Promise<RestoreRow[]> {
  const rows = (await sql(`${table} as half`)
    .select('half.*')
    .join('emberkeep.jobs as job', 'job.id', 'half.job_id')
    .leftJoin('emberkeep.jobs as undo', 'undo.id', 'half.undo_job_id')
    .where('half.mode', 'in-place')
    .whereNot('half.state', 'undone')
    .whereRaw(ofDisks('half'), [[...diskKeys]])
    .whereRaw(
      `(job.error ->> 'code' = 'CONFLICT_UNDO_FAILED' or undo.error ->> 'code' = 'CONFLICT_UNDO_FAILED'
        or undo.state = 'queued' and undo.target -> 'after' is not null)`,
    )
    .whereNotExists((later) => {
      void later
        .from(`${table} as later`)
        .whereIn('later.mode', ['replace', 'in-place'])
        .where('later.state', 'succeeded')
        .whereRaw('coalesce(later.decided_at, later.created_at) > coalesce(half.decided_at, half.created_at)')
        .whereRaw(ofDisks('later'), [[...diskKeys]]);
    })
    .orderBy('half.created_at', 'desc')) as RestoreRecord[];
  return rows.map(toRestoreRow);
}
