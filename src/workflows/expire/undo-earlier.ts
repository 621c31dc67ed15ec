import { AppError, describeError } from '../../base/errors.ts';
import type { JobContext } from '../job-context.ts';
import type { ExpireDeps } from './deps.ts';
import { removeFolded, undoFold } from './fold-run.ts';
import type { ExpirePlan, FoldStep } from './plan.ts';

/** Ended jobs that are looked through, newest first. */
const jobsBack = 200;

/**
 * Folds of these disks whose own undo failed (CONFLICT_UNDO_FAILED) or got lost: their jobs have ended, so nobody else
 * will remove what they left. What was undone already stays as it is. The disks *must* be locked (I9).
 */
export async function undoEarlier(
  deps: ExpireDeps,
  diskKeys: readonly string[],
  context: Pick<JobContext<unknown>, 'note' | 'signal'>,
): Promise<void> {
  const { catalog } = deps;
  const jobs = await catalog.jobs.list({ kind: 'expire', states: ['failed', 'cancelled'], limit: jobsBack });
  // The rows hold what this same workflow wrote.
  const folds = jobs.flatMap(({ plan }) => (plan as Partial<ExpirePlan>).folds ?? []);
  for (const fold of folds) {
    if (!diskKeys.includes(fold.diskKey) || (fold.state !== 'begun' && fold.state !== 'committed')) continue;
    context.signal.throwIfAborted();
    if (await isElsewhere(deps, fold)) continue;
    try {
      // I1: the catalog says which of the two is named by nothing.
      const isCommitted = (await catalog.links.get(fold.newLinkId)) !== undefined;
      await (isCommitted ? removeFolded(deps, fold) : undoFold(deps, fold));
    } catch (error) {
      // I8: told, and left to who verifies; it must not keep the source from ever being expired.
      if (!(error instanceof AppError) || !/^(INTEGRITY|CONFLICT)_/.test(error.code)) throw error;
      await context.note(`${fold.diskKey}: an earlier fold is not put back yet: ${describeError(error)}`);
    }
  }
}

/** What no link of is left may be in any store; where there is nothing of it, nothing is done. */
async function isElsewhere(
  { catalog, store }: Pick<ExpireDeps, 'catalog' | 'store'>,
  { linkIds, newLinkId }: FoldStep,
): Promise<boolean> {
  for (const linkId of [newLinkId, ...linkIds]) {
    const link = await catalog.links.get(linkId);
    if (link !== undefined) return link.storeId !== store.storeId;
  }
  return false;
}
