/**
 * Snapshots of an instance that stands still meanwhile. That we are about to pause it is written down first, so that
 * whoever comes after a crash lets it run again (I9); and it runs again whatever else fails.
 */
import { AppError, describeError } from '../../base/errors.ts';
import { retry } from '../../base/retry.ts';
import type { Consistency } from '../../domain/manifest.ts';
import type { JobContext } from '../job-context.ts';
import type { BackupDeps } from './deps.ts';
import type { BackupPlan } from './plan.ts';

type Deps = Pick<BackupDeps, 'steadyClock' | 'pauses'>;
type Context = JobContext<BackupPlan>;

/** A cluster that takes no writes must not keep a guest standing still. */
const longestPauseMs = 30_000;
/** Nova may restart at that moment: about a minute and a half. */
const patience = { attempts: 15, firstDelayMs: 200, maxDelayMs: 10_000 };

export interface HeldStill<T> {
  plan: BackupPlan;
  made: T;
}

/** Does it while the instance is paused; when it cannot be, does it all the same and says so in plan and log. */
export async function holdStill<T>(
  deps: Deps,
  plan: BackupPlan,
  context: Context,
  make: () => Promise<T>,
): Promise<HeldStill<T>> {
  const { instance } = plan;
  if (instance === undefined) throw new AppError('BUG_PAUSE', 'only instances can be paused');
  const { id, projectId, name } = instance;
  const status = await deps.pauses.status(projectId, id);
  if (status === 'ACTIVE') return await pauseAndMake(deps, plan, context, make);
  const made = await make();
  const stays = status === 'PAUSED' && (await deps.pauses.status(projectId, id)) === 'PAUSED';
  await context.note(
    stays
      ? `${name} was paused already and stays so`
      : `${name} is ${status}, so it was not paused: the point is crash consistent`,
  );
  return { plan: withConsistency(plan, stays ? 'paused' : 'crash'), made };
}

async function pauseAndMake<T>(
  deps: Deps,
  plan: BackupPlan,
  context: Context,
  make: () => Promise<T>,
): Promise<HeldStill<T>> {
  const { steadyClock, pauses } = deps;
  const { id, projectId, name } = plan.instance ?? { id: '', projectId: '', name: '' };
  await context.record('pausing the instance', { ...plan, pause: 'asked' });
  const startedMs = steadyClock.now().getTime();
  const limit = { isOver: false };
  let isHeld = false;
  let making: Promise<T> | undefined;
  let stood = false;
  try {
    isHeld = await pauses.pause(projectId, id, context.signal);
    making = make();
    if (isHeld) limit.isOver = await takesLonger(making, longestPauseMs);
  } finally {
    // Also after a pause that failed: Nova may have been at it when we gave up.
    stood = await letRun(deps, plan, context);
  }
  const pausedMs = steadyClock.now().getTime() - startedMs;
  const made = await making;
  const isPaused = isHeld && stood && !limit.isOver;
  await context.note(
    isPaused
      ? `${name} was paused for ${pausedMs} ms`
      : `${name} ${whyNot(isHeld, limit.isOver)}: the point is crash consistent`,
  );
  const next = withConsistency(plan, isPaused ? 'paused' : 'crash', isHeld ? pausedMs : undefined);
  return { plan: { ...next, pause: 'over' }, made };
}

function whyNot(isHeld: boolean, tookLonger: boolean): string {
  if (!isHeld) return 'could not be paused, Nova is busy with it or its host refused';
  return tookLonger
    ? `ran again after ${longestPauseMs / 1000} s, before all snapshots were taken`
    : 'was unpaused by somebody else before all snapshots were taken';
}

/** Failures are the maker's to tell, once the instance runs again. */
async function takesLonger(making: Promise<unknown>, limitMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(true), limitMs);
  const ended = making.then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([ended, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** False when somebody else had let it run before. A job that goes on elsewhere asks once; its next attempt does it. */
async function letRun(
  { pauses }: Pick<Deps, 'pauses'>,
  { instance }: BackupPlan,
  context: Pick<Context, 'willResume'>,
  verb: 'unpause' | 'unpauseOurs' = 'unpause',
): Promise<boolean> {
  const { id, projectId, name } = instance ?? { id: '', projectId: '', name: '' };
  try {
    return await retry(() => pauses[verb](projectId, id), {
      ...patience,
      shouldRetry: (error) => error instanceof AppError && error.retryable && !context.willResume(),
    });
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOTFOUND_INSTANCE') return false;
    throw new AppError(
      'OPENSTACK_UNPAUSE_FAILED',
      `instance ${name} (${id}) may still be paused (${describeError(error)}); see to it: openstack server unpause ${id}`,
      { cause: error, details: { instanceId: id } },
    );
  }
}

/** What an attempt that died may have left paused runs again. A pause that somebody else asked for stays. */
export async function endPause(deps: Deps, plan: BackupPlan, context: Context): Promise<BackupPlan> {
  if (plan.pause !== 'asked') return plan;
  if (await letRun(deps, plan, context, 'unpauseOurs'))
    await context.note(`${plan.instance?.name ?? ''} was still paused and runs again`);
  return { ...plan, pause: 'over' };
}

/** As endPause, for an orphan that waits for a free worker: nobody knows how long. */
export async function rescuePaused(
  { pauses }: Pick<Deps, 'pauses'>,
  { pause, instance }: Partial<Pick<BackupPlan, 'pause' | 'instance'>>,
): Promise<void> {
  if (pause === 'asked' && instance !== undefined) await pauses.unpauseOurs(instance.projectId, instance.id);
}

function withConsistency(plan: BackupPlan, consistency: Consistency, pausedMs?: number): BackupPlan {
  const next: BackupPlan = { ...plan, consistency };
  // Of the snapshots that an overtaken attempt had taken.
  delete next.pausedMs;
  return pausedMs === undefined ? next : { ...next, pausedMs };
}
