import { AppError } from '../../src/base/errors.ts';
import { newId } from '../../src/base/ids.ts';
import type { Job } from '../../src/domain/job.ts';
import type { PointSelector, RestoreMode } from '../../src/domain/restore.ts';
import type { PointSummary, Restore } from '../../src/workflows/operations.ts';
import type { PlannedRestore } from '../../src/domain/planned-restore.ts';
import { fixedTime } from './fake-cloud.ts';
import { isBy } from './fake-page.ts';

export function newestPoint<P extends Pick<PointSummary, 'sourceName' | 'takenAt'>>(
  points: readonly P[],
  { nameOrId, at }: Exclude<PointSelector, { pointId: string }>,
): P {
  const point = points
    .filter(({ sourceName, takenAt }) => sourceName === nameOrId && isBy(takenAt, at))
    .at(-1);
  if (point !== undefined) return point;
  throw new AppError('NOTFOUND_POINT', 'there is no recovery point at or before that time; see `point list`');
}

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

/** One data disk of 8 MiB live bytes; a restore with mode in-place meets two problems. */
export function fakePlan(
  point: Pick<PointSummary, 'id' | 'projectId' | 'kind' | 'sourceName' | 'takenAt'>,
  mode: RestoreMode,
): PlannedRestore {
  const diskKey = 'volume:6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f';
  const possible = mode !== 'in-place';
  return {
    pointId: point.id,
    kind: point.kind,
    sourceName: point.sourceName,
    projectId: point.projectId,
    takenAt: point.takenAt,
    mode,
    possible,
    problems: possible
      ? []
      : [
          {
            code: 'CONFLICT_DISK_SIZE',
            what: 'the disk is smaller than it was',
            remedy: 'extend it to 2 GiB first',
            diskKey,
          },
          { code: 'CONFLICT_INSTANCE_STATE', what: 'instance web-01 is PAUSED', remedy: 'start it first' },
        ],
    steps: possible
      ? [
          {
            kind: 'detach',
            code: 'detach-volume',
            params: { volume: 'v', instance: 'i' },
            text: 'Detach the volume',
            diskKey,
            instanceId: 'i',
          },
        ]
      : [],
    disks: [{ diskKey, device: '/dev/vdb', sizeBytes: 2 ** 30, readBytes: 2 ** 21, writtenBytes: 2 ** 23 }],
    readBytes: 2 ** 21,
    writtenBytes: 2 ** 23,
    duration: { durationMs: 41_234, stoppedMs: undefined, restores: 3 },
    losses: possible
      ? [
          {
            diskKey,
            changedBytes: undefined,
            unsavedBytes: 2 ** 22,
            code: 'stays-on-volume',
            params: { volume: 'old' },
            text: 'it stays on volume old',
          },
        ]
      : [],
    undoDays: 7,
    laterPointAt: undefined,
    notes: ['its flavor is gone'],
  };
}
