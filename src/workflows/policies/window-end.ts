/** What becomes of backups that wait or run when their policy's window closes: docs/adr/0041-window-ends.md. */
import { AppError } from '../../base/errors.ts';
import type { Policy } from '../../domain/policy.ts';
import { isWindowOpen, runAfterWindow } from '../../domain/schedule.ts';
import type { CutRun } from '../../drivers/catalog/policy-sources.ts';
import { auditEntry } from '../audit-entry.ts';
import type { TickDeps } from './deps.ts';
import { callerFor } from './policy-caller.ts';

const reasons = {
  queued: 'the window closed before the backup began',
  running: 'the window closed while the backup ran',
} as const;

/**
 * What has not begun is ended, and caught up once in the next window; what runs finishes, unless the policy says
 * otherwise. What it costs follows from the policies that have a window and from what is cut.
 *
 * @returns how many runs were cut short.
 */
export async function cutAtWindowEnd(
  deps: TickDeps,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const now = deps.clock.now();
  const closed = (await deps.catalog.policies.withWindow()).filter(
    ({ spec: { window } }) => window !== undefined && !isWindowOpen(window, now),
  );
  if (closed.length === 0) return 0;
  const policies = new Map(closed.map((policy) => [policy.id, policy]));
  const cancelling = closed.filter(({ spec }) => spec.window?.atEnd === 'cancel').map(({ id }) => id);
  let cut = 0;
  for (const run of await deps.catalog.policies.cutRuns(
    { closed: [...policies.keys()], cancelling },
    limit,
  )) {
    signal?.throwIfAborted();
    const policy = policies.get(run.source.policyId);
    if (policy !== undefined && (await cutRun(deps, policy, run, now))) cut += 1;
  }
  return cut;
}

/**
 * A worker is about to begin the job. When the window of its policy has closed since, it is ended here as the next tick
 * would end it.
 *
 * @returns whether it was.
 */
export async function cutBeforeStart(deps: CutDeps, jobId: string): Promise<boolean> {
  const { catalog, clock } = deps;
  const source = await catalog.policies.sourceOfJob(jobId);
  const [policy] = source === undefined ? [] : await catalog.policies.ofIds([source.policyId]);
  const window = policy?.spec.window;
  const now = clock.now();
  if (source === undefined || policy === undefined || window === undefined || isWindowOpen(window, now))
    return false;
  // What has begun before goes on, under whichever worker: that is told by the attempt, in the transaction.
  return await cutRun(deps, policy, { source, jobId, jobState: 'queued' }, now);
}

type CutDeps = Pick<TickDeps, 'catalog' | 'clock' | 'onError'>;

/** All or nothing, so that a kill at any instant leaves a run that the next tick cuts (I9). */
async function cutRun(
  { catalog, onError }: CutDeps,
  policy: Policy,
  { source, jobId, jobState }: CutRun,
  now: Date,
): Promise<boolean> {
  const reason = reasons[jobState];
  const lastError = `${reason}: the next one begins when it opens again`;
  const nextRunAt = runAfterWindow(policy.spec, source.sourceId, { planned: source.nextRunAt, now });
  try {
    await catalog.transaction(async (tx) => {
      if (jobState === 'running') await tx.jobs.requestCancel(jobId);
      else {
        // Attempt 0: only what no worker has begun meanwhile.
        await tx.jobs.finish(jobId, 0, { state: 'cancelled', result: { reason } });
        await tx.policies.settleRun({ source, jobState: 'cancelled' }, lastError);
      }
      if (!(await tx.policies.moveOn(source, { nextRunAt, lastError })))
        throw new AppError('CONFLICT_RUN_TAKEN', `another worker moved ${source.sourceName} on`);
      const target = { jobId, kind: 'backup', reason };
      const projectId = source.projectId ?? null;
      await tx.audit.append(auditEntry(callerFor(policy), { action: 'job.cancel', target, projectId }));
    });
    return true;
  } catch (error) {
    const isOvertaken =
      error instanceof AppError && ['CONFLICT_RUN_TAKEN', 'CONFLICT_STALE_ATTEMPT'].includes(error.code);
    if (!isOvertaken)
      onError('a backup could not be ended with its window', error, {
        policy: policy.name,
        kind: source.kind,
        sourceId: source.sourceId,
        jobId,
      });
    return false;
  }
}
