import { AppError } from '../../../base/errors.ts';
import type { Clock } from '../../../base/clock.ts';
import { isUuid } from '../../../base/ids.ts';
import { authorize, notFound, type Caller } from '../../../domain/access.ts';
import { isFinishedJob, type Job } from '../../../domain/job.ts';
import { isDestructive } from '../../../domain/restore.ts';
import type { Catalog } from '../../../drivers/catalog/catalog.ts';
import type { JobRow, RestoreRow } from '../../../drivers/catalog/types.ts';
import { submitJob, type SubmitDeps } from '../../submit-job.ts';
import type { RestoreGate, RestoreJobTarget } from '../request.ts';

export interface UndoRequestDeps extends SubmitDeps {
  catalog: Pick<Catalog, 'transaction' | 'restores' | 'jobs' | 'undo'>;
  clock: Clock;
  gate: Pick<RestoreGate, 'needsApproval'>;
}

/** What an undo job's row holds as its target. */
export interface UndoJobTarget {
  restoreId: string;
  pointId: string;
  mode: string;
  /** Whose point it was, for people. */
  sourceName: string;
  /** The restore had failed, and could not take back all that it had done. */
  isHalfUndone?: boolean;
  /** The job that was asked to undo it before. */
  after?: string;
}

export async function requestUndo(deps: UndoRequestDeps, caller: Caller, restoreId: string): Promise<Job> {
  const what = `restore "${restoreId}"`;
  const row = isUuid(restoreId) ? await deps.catalog.restores.get(restoreId) : undefined;
  if (row === undefined) throw notFound(what);
  const projectId = row.projectId ?? null;
  authorize(caller, 'restore', projectId, what);
  // What tenants may not do they may not take back either; an approval covers the undo.
  await deps.gate.needsApproval(caller, projectId, row.mode);
  const job = await deps.catalog.jobs.get(row.jobId);
  const isHalfUndone = job?.state === 'failed' && job.error?.code === 'CONFLICT_UNDO_FAILED';
  refuseUnable(row);
  if (!isHalfUndone) refuseUnfit(row, job, deps.clock.now());
  await refuseOthers(deps.catalog, row);
  const { pointId, mode, options, undoJobId: after } = row;
  const { sourceName } = options as unknown as RestoreJobTarget;
  const target: UndoJobTarget = {
    restoreId,
    pointId,
    mode,
    sourceName,
    ...(isHalfUndone ? { isHalfUndone } : {}),
    ...(after === undefined ? {} : { after }),
  };
  return await submitJob(deps, caller, { kind: 'undo', projectId, target: { ...target } }, (tx, jobId) =>
    isHalfUndone ? tx.undo.beginRest(restoreId, jobId) : tx.undo.begin(restoreId, jobId),
  );
}

function refuseUnable({ id, mode, state }: RestoreRow): void {
  if (!isDestructive(mode)) {
    throw new AppError(
      'INPUT_NOTHING_TO_UNDO',
      `restore ${id} (mode ${mode}) changed nothing that was there before; delete what it made`,
    );
  }
  if (state === 'undone') throw new AppError('CONFLICT_UNDONE', `restore ${id} is undone already`);
}

function refuseUnfit(
  { id, undoUntil, undoReleasedAt }: RestoreRow,
  job: Pick<JobRow, 'state'> | undefined,
  now: Date,
): void {
  if (job?.state !== 'succeeded') {
    throw new AppError(
      'CONFLICT_NOT_RESTORED',
      `restore ${id} is ${job?.state ?? 'gone'}; only one that has succeeded can be undone: cancel one that runs, and one that failed has put everything back itself`,
    );
  }
  if (undoUntil === undefined || undoReleasedAt !== undefined || undoUntil <= now) {
    throw new AppError(
      'CONFLICT_UNDO_EXPIRED',
      `restore ${id} could be undone until ${undoUntil?.toISOString() ?? 'its end'}; restore an earlier point instead`,
    );
  }
}

async function refuseOthers(catalog: UndoRequestDeps['catalog'], row: RestoreRow): Promise<void> {
  const undoing = row.undoJobId === undefined ? undefined : await catalog.jobs.get(row.undoJobId);
  if (undoing !== undefined && !isFinishedJob(undoing.state)) {
    throw new AppError('CONFLICT_JOB_UNDER_WAY', `job ${undoing.id} undoes restore ${row.id} already`, {
      details: { jobId: undoing.id },
    });
  }
  const { disks } = row.options;
  const later = await catalog.undo.laterThan(row, Array.isArray(disks) ? disks.map(String) : []);
  if (later === undefined) return;
  throw new AppError(
    'CONFLICT_LATER_RESTORE',
    `restore ${later.id} (mode ${later.mode}) came after restore ${row.id} and changed the same disks; undo that one first`,
    { details: { restoreId: later.id } },
  );
}
