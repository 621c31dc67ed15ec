/**
 * Takes back a restore that succeeded: what it put aside is in its place again, what it made is removed. It can be killed
 * between any two steps and goes on from the recorded plan (I9); when it fails or is cancelled before everything is back,
 * the restore is as it was.
 */
import { AppError, describeError } from '../../../base/errors.ts';
import { formatLocation } from '../../../domain/disk.ts';
import type { RestoreMode } from '../../../domain/restore.ts';
import type { JobContext } from '../../job-context.ts';
import { locksOf } from '../in-place/locks.ts';
import { asTheyWere } from '../in-place/hold-instances.ts';
import { createJournal, type Journal } from '../journal.ts';
import type { RestoreDiskPlan } from '../plan.ts';
import type { UndoDeps } from './deps.ts';
import type { UndoPlan } from './plan.ts';
import { takeBackRest } from './take-back-rest.ts';
import * as inPlace from './undo-in-place.ts';
import * as replacement from './undo-replacement.ts';

export interface UndoResult {
  restoreId: string;
  pointId: string;
  mode: RestoreMode;
  disks: UndoneDisk[];
  notes: string[];
}

export interface UndoOptions {
  restoreId: string;
  /** The restore had failed, and could not take back all that it had done. */
  isHalfUndone?: boolean | undefined;
  /** The job that was asked to undo it before. */
  after?: string | undefined;
}

export interface UndoneDisk {
  diskKey: string;
  /** `pool/image` of the disk, for mode `in-place`. */
  image?: string;
  /** Volume that is in its place again, for mode `replace`. */
  volumeId?: string;
}

export async function runUndo(
  deps: UndoDeps,
  options: UndoOptions,
  context: JobContext<UndoPlan>,
): Promise<UndoResult> {
  const { restoreId, isHalfUndone = false } = options;
  const journal = createJournal(context, context.plan ?? (await makePlan(deps, options)));
  await journal.record('planned');
  await context.lock(locksOf(journal.plan));
  const way = journal.plan.mode === 'in-place' ? inPlace : replacement;
  if (isHalfUndone) await takeBackRest(deps, journal, context);
  else await takeBack(way, deps, journal, context);
  await deps.catalog.done(restoreId);
  const { pointId, mode, disks, remarks } = journal.plan;
  return { restoreId, pointId, mode, disks: disks.map(toUndoneDisk), notes: remarks };
}

async function takeBack(
  way: typeof inPlace | typeof replacement,
  deps: UndoDeps,
  journal: Journal<UndoPlan>,
  context: JobContext<UndoPlan>,
): Promise<void> {
  try {
    // A cancelled job is resumed only to put back what was begun.
    if (!journal.plan.back) context.signal.throwIfAborted();
    await way.undo(deps, journal, context);
  } catch (error) {
    if (!context.willResume() && !journal.plan.back)
      await putBack(() => way.redo(deps, journal), context, error);
    throw error;
  }
}

async function makePlan(deps: UndoDeps, { restoreId, isHalfUndone, after }: UndoOptions): Promise<UndoPlan> {
  const plan = await deps.catalog.planOf(restoreId);
  if (isHalfUndone === true) return { ...plan, begun: false, back: false, remarks: [] };
  const { pointId, mode, disks } = plan;
  const before = after === undefined ? undefined : await deps.catalog.planOfUndo(after);
  const holders = asTheyWere(await inPlace.planHoldersAgain(deps, { mode, disks }), before);
  return { restoreId, pointId, mode, disks, ...holders, begun: false, back: false, remarks: [] };
}

async function putBack(
  redo: () => Promise<void>,
  context: JobContext<UndoPlan>,
  error: unknown,
): Promise<void> {
  try {
    await redo();
  } catch (redoError) {
    throw new AppError(
      'CONFLICT_UNDO_FAILED',
      `${describeError(error)}; bringing the restored state back failed as well: ${describeError(redoError)}; undo the restore again once the reason is mended`,
      { cause: error },
    );
  }
  await context.note('the restore is as it was before its undo was asked for');
}

function toUndoneDisk({ disk, swap, writeBack, replacement: exchange }: RestoreDiskPlan): UndoneDisk {
  const target = (swap ?? writeBack)?.target;
  return {
    diskKey: disk.key,
    ...(target === undefined ? {} : { image: formatLocation(target) }),
    ...(exchange === undefined ? {} : { volumeId: exchange.oldVolumeId }),
  };
}
