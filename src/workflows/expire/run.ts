/**
 * Deletes points of one source in one store, and frees what only they needed: the snapshot on the source, links that nothing stands
 * on, and, by folding, links that later ones stand on. Source and other points stay untouched. It can be killed between
 * any two steps and goes on from the recorded plan (I9). What was deleted stays deleted; a fold that cannot be finished
 * is undone, and the next expiry of the source does it.
 */
import { AppError, describeError, type ErrorCode } from '../../base/errors.ts';
import type { JobContext } from '../job-context.ts';
import { sweepSnapshots } from '../sweep-snapshots.ts';
import { assertFree } from './assert-free.ts';
import type { ExpireDeps } from './deps.ts';
import { foldRun, removeFolded, undoFold } from './fold-run.ts';
import { makePlan, type ExpireOptions } from './make-plan.ts';
import type { ExpirePlan, FoldStep } from './plan.ts';
import { undoEarlier } from './undo-earlier.ts';

type Context = JobContext<ExpirePlan>;

export interface ExpireResult {
  pointIds: string[];
  droppedLinks: number;
  /** Links that were folded into others. */
  foldedLinks: number;
  freedBytes: number;
  /** Links of deleted points that are still there, and why. */
  stays: { linkId: string; reason: string }[];
}

export async function runExpire(
  deps: ExpireDeps,
  options: ExpireOptions,
  context: Context,
): Promise<ExpireResult> {
  const diskKeys = context.plan?.diskKeys ?? (await deps.catalog.expiry.diskKeysOf(options.source));
  await context.lock(diskKeys.flatMap((key) => [`disk:${key}`, `restore:${key}`]));
  const journal = createJournal(context, context.plan ?? (await makePlan(deps, options, diskKeys)));
  try {
    context.signal.throwIfAborted();
    await assertFree(deps, diskKeys, journal.plan.pointIds);
    if (context.plan === undefined) {
      await undoEarlier(deps, diskKeys, context);
      await journal.update('planned', {});
    }
    await deletePoints(deps, options, journal);
    await releaseSnapshots(deps, journal, context);
    await dropLinks(deps, journal);
    for (const index of journal.plan.folds.keys()) await foldStep(deps, journal, index, context);
  } catch (error) {
    if (!context.willResume()) await undo(deps, journal, context, error);
    throw error;
  }
  throwDamage(journal.plan);
  return toResult(journal.plan);
}

/** The plan as it stands; every change of it is durable before the next step. */
interface Journal {
  readonly plan: ExpirePlan;
  readonly update: (step: string, change: Partial<ExpirePlan>) => Promise<void>;
  readonly updateFold: (
    step: string,
    index: number,
    state: FoldStep['state'],
    change?: Partial<ExpirePlan>,
  ) => Promise<void>;
}

function createJournal(context: Context, initial: ExpirePlan): Journal {
  let plan = initial;
  const journal: Journal = {
    get plan() {
      return plan;
    },
    update: async (step, change) => {
      plan = { ...plan, ...change };
      await context.record(step, plan);
    },
    updateFold: async (step, index, state, change = {}) => {
      const folds = plan.folds.map((fold, at) => (at === index ? { ...fold, state } : fold));
      await journal.update(step, { ...change, folds });
    },
  };
  return journal;
}

/** The catalog first, so that nobody begins to restore a point whose manifest goes. */
async function deletePoints(
  { catalog, store }: ExpireDeps,
  { actor, requestId }: ExpireOptions,
  { plan, update }: Journal,
): Promise<void> {
  if (plan.deleted) return;
  await catalog.expiry.deletePoints(plan.pointIds, { actor, requestId });
  for (const pointId of plan.pointIds) await store.removePoint(pointId);
  await update(`${plan.pointIds.length} points deleted`, { deleted: true });
}

/** The points are gone by now, so what cannot be removed is left to the next backup of the disk. */
async function releaseSnapshots(
  deps: ExpireDeps,
  { plan, update }: Journal,
  context: Context,
): Promise<void> {
  if (plan.released) return;
  const { links } = deps.catalog;
  const catalog = {
    ownsSnapshot: (name: string) => links.ownsSnapshot(name),
    snapshotReleased: (name: string) => links.snapshotReleased(name),
  };
  for (const { diskKey, location, imageId } of plan.releases) {
    try {
      const needed = await links.neededSnapshots([diskKey]);
      await sweepSnapshots(
        { rbd: deps.rbd, catalog },
        { location, imageId, keepNames: needed.map(({ name }) => name) },
      );
    } catch (error) {
      if (context.willResume()) throw error;
      await context.note(`${diskKey}: its snapshot could not be removed yet: ${describeError(error)}`);
    }
  }
  if (plan.releases.length > 0) await update('snapshots released', { released: true });
}

/** I1: the catalog stops naming them before the store loses them. */
async function dropLinks({ catalog, store }: ExpireDeps, { plan, update }: Journal): Promise<void> {
  if (plan.dropped || plan.drops.length === 0) return;
  await catalog.expiry.dropLinks(plan.drops);
  for (const linkId of plan.drops) await store.removeLink(linkId);
  await update(`${plan.drops.length} links dropped`, {
    dropped: true,
    freedBytes: plan.freedBytes + plan.dropBytes,
  });
}

async function foldStep(deps: ExpireDeps, journal: Journal, index: number, context: Context): Promise<void> {
  const fold = journal.plan.folds[index];
  if (fold === undefined || fold.state === 'done' || fold.state === 'left') return;
  const { diskKey, linkIds } = fold;
  if (fold.state !== 'committed') {
    context.signal.throwIfAborted();
    if (fold.state === 'planned') await journal.updateFold(`folding links of ${diskKey}`, index, 'begun');
    try {
      await foldRun(deps, fold, context.signal);
    } catch (error) {
      if (!isOfThisChain(error)) throw error;
      await leave(deps, journal, index, context, error);
      return;
    }
    const madeBytes = (await deps.catalog.links.get(fold.newLinkId))?.storedBytes ?? 0;
    const freedBytes = journal.plan.freedBytes + fold.storedBytes - madeBytes;
    await journal.updateFold(`links of ${diskKey} folded`, index, 'committed', { freedBytes });
  }
  await removeFolded(deps, fold);
  await journal.updateFold(`folded links of ${diskKey} removed`, index, 'done');
  await context.note(`${diskKey}: ${linkIds.length} links are one now`);
  tellProgress(journal.plan, context);
}

function isOfThisChain(error: unknown): error is AppError {
  return (
    error instanceof AppError &&
    (error.code.startsWith('INTEGRITY_') || error.code === 'CONFLICT_CHAIN_CHANGED')
  );
}

/** I8: what a fold found damaged is written down, and the links stay as they are. */
async function leave(
  deps: ExpireDeps,
  journal: Journal,
  index: number,
  context: Context,
  error: AppError,
): Promise<void> {
  const fold = journal.plan.folds[index];
  if (fold === undefined) return;
  await undoFold(deps, fold);
  const isDamage = error.code.startsWith('INTEGRITY_');
  const { linkId } = error.details;
  if (isDamage && typeof linkId === 'string' && (await deps.catalog.links.get(linkId)) !== undefined)
    await deps.catalog.links.markDamaged(linkId, error.message);
  const reason = isDamage ? `damage was found: ${error.message}` : 'another job changed its chain';
  const { damage, stays } = journal.plan;
  await journal.updateFold(`links of ${fold.diskKey} left as they are`, index, 'left', {
    stays: [...stays, ...fold.linkIds.slice(0, -1).map((id) => ({ linkId: id, reason }))],
    ...(isDamage ? { damage: damage ?? { code: error.code, message: error.message } } : {}),
  });
  await context.note(`${fold.diskKey}: ${fold.linkIds.length} links stay as they are: ${error.message}`);
}

function tellProgress({ folds }: ExpirePlan, context: Context): void {
  const sum = (of: readonly FoldStep[]): number =>
    of.reduce((total, { storedBytes }) => total + storedBytes, 0);
  context.progress({
    bytesDone: sum(folds.filter(({ state }) => state === 'done' || state === 'left')),
    bytesTotal: sum(folds),
    storedBytes: 0,
  });
}

/** Deleted points stay deleted. A fold that the catalog has is finished, one that it has not is put back. */
async function undo(deps: ExpireDeps, { plan }: Journal, context: Context, error: unknown): Promise<void> {
  const begun = plan.folds.filter(({ state }) => state === 'begun' || state === 'committed');
  try {
    for (const fold of begun) {
      const isCommitted = (await deps.catalog.links.get(fold.newLinkId)) !== undefined;
      await (isCommitted ? removeFolded(deps, fold) : undoFold(deps, fold));
    }
  } catch (undoError) {
    throw new AppError(
      'CONFLICT_UNDO_FAILED',
      `${describeError(error)}; putting back a fold that was begun failed as well (${describeError(undoError)})`,
      { cause: error, details: { folds: begun } },
    );
  }
  if (plan.deleted)
    await context.note('the points are deleted; expire the source again to free what is left');
}

function toResult(plan: ExpirePlan): ExpireResult {
  const done = plan.folds.filter(({ state }) => state === 'done');
  return {
    pointIds: plan.pointIds,
    droppedLinks: plan.dropped ? plan.drops.length : 0,
    foldedLinks: done.reduce((sum, { linkIds }) => sum + linkIds.length - 1, 0),
    freedBytes: plan.freedBytes,
    stays: plan.stays,
  };
}

/** The points are deleted, the other folds done; but damage is never passed over (I8). */
function throwDamage({ damage }: ExpirePlan): void {
  if (damage === undefined) return;
  throw new AppError(
    damage.code as ErrorCode,
    `the points are deleted, but not all of their links could be folded: ${damage.message}`,
  );
}
