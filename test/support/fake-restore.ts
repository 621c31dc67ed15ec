import { newId } from '../../src/base/ids.ts';
import type { Job } from '../../src/domain/job.ts';
import type { RestoreMode } from '../../src/domain/restore.ts';
import type { PointSummary, Restore } from '../../src/workflows/operations.ts';
import { fixedTime } from './fake-cloud.ts';

export function fakeRestore(
  point: Pick<PointSummary, 'id' | 'projectId'>,
  job: Pick<Job, 'id'>,
  mode: RestoreMode,
): Restore {
  return {
    id: newId(),
    jobId: job.id,
    pointId: point.id,
    mode,
    projectId: point.projectId,
    state: 'queued',
    createdAt: fixedTime,
    finishedAt: undefined,
    disks: [],
  };
}

/** Undone at once; gives the target of the job that is said to do it. */
export function fakeUndo(restore: Restore): Record<string, unknown> {
  Object.assign(restore, { state: 'undone', undoneAt: fixedTime, undoUntil: undefined });
  return { restoreId: restore.id, mode: restore.mode, sourceName: 'web-01' };
}
