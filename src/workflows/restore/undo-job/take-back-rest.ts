/**
 * The rest of a way back: a restore that failed, and could not take back what it had done, is taken back by the same steps
 * once the reason is mended. They go by what is there, so whatever was done of them before is of no matter.
 */
import { AppError, describeError } from '../../../base/errors.ts';
import type { JobContext } from '../../job-context.ts';
import { isBegun, removeBefore } from '../in-place/write-back.ts';
import type { Journal } from '../journal.ts';
import { progressOfWayBack } from '../progress.ts';
import { undoRestore } from '../undo.ts';
import type { UndoDeps } from './deps.ts';
import type { UndoPlan } from './plan.ts';

/**
 * Once the disks are what they were it cannot fail any more: what cannot be cleared away is said. Before that it throws
 * CONFLICT_UNDO_FAILED, and may be asked for again.
 */
export async function takeBackRest(
  deps: UndoDeps,
  journal: Journal<UndoPlan>,
  context: JobContext<UndoPlan>,
): Promise<void> {
  if (!journal.plan.begun) {
    context.signal.throwIfAborted();
    await journal.change({ begun: true }, 'putting back what was there');
  }
  try {
    // What there is by now is read anew: somebody may have written to the disk since.
    if (journal.plan.isBack !== true)
      for (const { writeBack } of journal.plan.disks)
        if (writeBack !== undefined && isBegun(writeBack)) await removeBefore(deps, writeBack);
    await undoRestore(deps, journal, progressOfWayBack(context, journal.plan.disks));
  } catch (error) {
    if (context.willResume()) throw error;
    if (journal.plan.isBack !== true) throw failed(journal.plan, error);
    await journal.change({ remarks: [...journal.plan.remarks, describeError(error)] }, 'a remark');
    await context.note(describeError(error));
  }
  await journal.change({ back: true }, 'the disks are what they were');
}

function failed({ restoreId }: UndoPlan, error: unknown): AppError {
  return new AppError(
    'CONFLICT_UNDO_FAILED',
    `${describeError(error)}; what was there could not come back: mend the reason, then \`emberkeep restore undo ${restoreId}\` again`,
    { cause: error, details: { restoreId } },
  );
}
