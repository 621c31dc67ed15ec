/**
 * The verification of one point, of all points of a source or of all there are, store by store; one that is away fails
 * the job when the others are done. It can be killed at any instant: the
 * catalog holds what the job has passed, and the plan which scratch images are to be removed (I9).
 */
import { AppError, describeError } from '../../base/errors.ts';
import type { PointRow } from '../../drivers/catalog/types.ts';
import {
  scratchImageName,
  type VerificationLevel,
  type VerificationScope,
} from '../../domain/verification.ts';
import type { JobContext } from '../job-context.ts';
import type { VerifyDeps, VerifyJobDeps, VerifyStore } from './deps.ts';
import { emptyPlan, type UnverifiedPoint, type VerifyPlan } from './plan.ts';
import { removeScratch } from './scratch.ts';
import { verifyPoint } from './verify-point.ts';

type Context = JobContext<VerifyPlan>;

export interface VerifyOptions {
  level: VerificationLevel;
  scope: VerificationScope;
}

export interface VerifyResult {
  level: VerificationLevel;
  /** Points that were looked at. */
  points: number;
  intact: number;
  damaged: number;
  /** Those that could not be verified, which says nothing of them. */
  unverified: number;
  damagedPoints: UnverifiedPoint[];
  unverifiedPoints: UnverifiedPoint[];
}

const pageSize = 20;
const shownPoints = 100;

export async function runVerify(
  deps: VerifyJobDeps,
  options: VerifyOptions,
  context: Context,
): Promise<VerifyResult> {
  const { jobId } = context;
  const { level } = options;
  let plan = context.plan ?? emptyPlan;
  for (const scratch of plan.scratch) await removeScratch(deps, jobId, scratch);
  context.signal.throwIfAborted();
  if (level === 'deep') await deps.rbd.checkPool(deps.backupsPool.cluster, deps.backupsPool.pool);
  const stores = await storesToVerify(deps, options, jobId);
  const onRead = progressOf(
    context,
    stores.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  let away: AppError | undefined;
  for (const { store, storeId } of stores) {
    try {
      plan = await passStore(await store.open(), options, context, { storeId, plan, onRead });
    } catch (error) {
      if (context.signal.aborted || !isAway(error)) throw error;
      away ??= error;
      await context.note(`store ${store.name} is away: ${describeError(error)}`);
    }
  }
  if (away !== undefined) throw away;
  return await resultOf(deps, options, jobId, plan);
}

interface StoreToVerify {
  store: VerifyStore;
  storeId: string;
  bytes: number;
}

/** Those that have points of the scope, and about what is to be dealt with there. */
async function storesToVerify(
  { catalog, stores }: VerifyJobDeps,
  { scope, level }: VerifyOptions,
  jobId: string,
): Promise<StoreToVerify[]> {
  const found: StoreToVerify[] = [];
  for (const store of stores) {
    const storeId = await store.idOf();
    if (storeId === undefined) continue;
    if ((await catalog.nextPoints(jobId, scope, storeId, 1)).length === 0) continue;
    found.push({ store, storeId, bytes: await catalog.bytesToVerify(jobId, scope, storeId, level) });
  }
  return found;
}

function isAway(error: unknown): error is AppError {
  return error instanceof AppError && ['STORE_UNREACHABLE', 'STORE_NOT_FOUND'].includes(error.code);
}

async function passStore(
  deps: VerifyDeps,
  options: VerifyOptions,
  context: Context,
  { storeId, onRead, ...begun }: { storeId: string; plan: VerifyPlan; onRead: (bytes: number) => void },
): Promise<VerifyPlan> {
  let { plan } = begun;
  for (let passed = 0; ;) {
    const points = await deps.catalog.nextPoints(context.jobId, options.scope, storeId, pageSize);
    if (points.length === 0) return plan;
    for (const point of points) {
      context.signal.throwIfAborted();
      plan = await passPoint(deps, options, context, { point, plan, onRead });
    }
    passed += points.length;
    await context.record(`points verified: ${passed}`, plan);
  }
}

function progressOf(context: Context, bytesTotal: number): (bytes: number) => void {
  let bytesDone = 0;
  return (bytes) => {
    bytesDone += bytes;
    // The estimate leaves out what else a point's chain stands on.
    context.progress({ bytesDone, bytesTotal: Math.max(bytesTotal, bytesDone), storedBytes: 0 });
  };
}

interface Passing {
  point: PointRow;
  plan: VerifyPlan;
  onRead: (bytes: number) => void;
}

async function passPoint(
  deps: VerifyDeps,
  { level, scope }: VerifyOptions,
  context: Context,
  { point, plan, onRead }: Passing,
): Promise<VerifyPlan> {
  const { jobId, signal } = context;
  const scratch = point.manifest.disks.map((_, index) => ({
    ...deps.backupsPool,
    image: scratchImageName(jobId, index),
  }));
  let next = level === 'deep' ? { ...plan, scratch } : plan;
  const title = `${point.sourceName} of ${point.takenAt.toISOString()} (point ${point.id})`;
  if (next !== plan) await context.record(`proving ${title}`, next);
  try {
    const found = await verifyPoint(deps, { jobId, point, level, signal, onRead });
    const outcome = found.outcome === 'gone' ? undefined : { level, outcome: found.outcome };
    await deps.catalog.recordPoint(point.id, jobId, outcome);
    if (found.outcome === 'damaged') await context.note(`${title} is damaged: ${found.reason}`);
  } catch (error) {
    if (signal.aborted || !isOfThisPoint(error) || scope.pointId !== undefined) throw error;
    const reason = describeError(error);
    await context.note(`${title} could not be verified: ${reason}`);
    next = withUnverified(next, { pointId: point.id, sourceName: point.sourceName, reason });
    await context.record(`passed ${title}`, next);
    await deps.catalog.recordPoint(point.id, jobId, undefined);
  }
  return next;
}

/** A key that is missing is the point's own trouble; a store, database or cluster that is away is everybody's. */
function isOfThisPoint(error: unknown): boolean {
  return error instanceof AppError && !error.retryable && !/^(CATALOG|CANCELLED|BUG)_/.test(error.code);
}

function withUnverified(plan: VerifyPlan, point: UnverifiedPoint): VerifyPlan {
  const { count, points } = plan.unverified;
  return {
    ...plan,
    unverified: { count: count + 1, points: count < shownPoints ? [...points, point] : points },
  };
}

async function resultOf(
  { catalog }: Pick<VerifyDeps, 'catalog'>,
  { level }: VerifyOptions,
  jobId: string,
  { unverified }: VerifyPlan,
): Promise<VerifyResult> {
  const { intact, damaged, damagedPoints } = await catalog.totals(jobId);
  return {
    level,
    points: intact + damaged + unverified.count,
    intact,
    damaged,
    unverified: unverified.count,
    damagedPoints,
    unverifiedPoints: unverified.points,
  };
}
