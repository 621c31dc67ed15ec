/**
 * One look at the clock: expires what backups that ended have made superfluous, ends those whose window has closed, asks
 * for those that are due, and now and then finds out what the assignments mean. What it costs follows from what is due, not from what there is. It
 * can be killed at any instant: a run is planned on in the transaction that asks for its backup (I9).
 */
import { AppError, describeError } from '../../base/errors.ts';
import { storeOf, type PolicySource } from '../../domain/policy-assignment.ts';
import { cycleOf, expirationOf, type Policy } from '../../domain/policy.ts';
import { retryOf, type PlannedRetry } from '../../domain/retry-run.ts';
import { allowedStart, nextRun } from '../../domain/schedule.ts';
import type { EndedRun } from '../../drivers/catalog/policy-sources.ts';
import type { TickDeps } from './deps.ts';
import { callerFor } from './policy-caller.ts';
import { resolveAssignments } from './resolve.ts';
import { cutAtWindowEnd } from './window-end.ts';

export interface TickReport {
  /** Backups that were asked for. */
  started: number;
  /** Runs that were left out, since the one before had not ended. */
  skipped: number;
  /** Runs that wait for their window. */
  postponed: number;
  /** Runs whose end was taken note of. */
  settled: number;
  /** Runs that their window's end cut short. */
  cut: number;
}

/** A tick does no more than this of each; what is left is next. */
const batch = 500;
const resolveIntervalMs = 300_000;
const dayMs = 86_400_000;

export async function runTick(deps: TickDeps, signal?: AbortSignal): Promise<TickReport> {
  const report: TickReport = { started: 0, skipped: 0, postponed: 0, settled: 0, cut: 0 };
  await settleEnded(deps, report, signal);
  report.cut = await cutAtWindowEnd(deps, batch, signal);
  await startDue(deps, report, signal);
  const now = deps.clock.now();
  const again = new Date(now.getTime() + resolveIntervalMs);
  if (await deps.catalog.policies.beginResolve(now, again)) {
    await resolveAssignments(deps, signal).catch((error: unknown) => {
      if (signal?.aborted === true) throw error;
      deps.onError('the assignments of policies could not be resolved', error, {});
    });
  }
  return report;
}

async function settleEnded(
  deps: TickDeps,
  report: TickReport,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ended = await deps.catalog.policies.endedRuns(batch);
  const policies = await policiesOf(deps, ended);
  for (const run of ended) {
    signal?.throwIfAborted();
    const policy = policies.get(run.source.policyId);
    if (policy !== undefined && (await settle(deps, policy, run))) report.settled += 1;
  }
}

/** Points go only once a newer one is there: after a backup that failed none does. */
async function settle(deps: TickDeps, policy: Policy, run: EndedRun): Promise<boolean> {
  // A job that was cancelled has no error; why it was may have been noted.
  let lastError = run.jobState === 'succeeded' ? undefined : (run.jobError ?? run.source.lastError);
  try {
    if (run.jobState === 'succeeded') await expire(deps, policy, run.source);
  } catch (error) {
    deps.onError('an expiry of a policy failed', error, factsOf(policy, run.source));
    if (error instanceof AppError && error.retryable) return false;
    lastError = describeError(error);
  }
  const retry = retryOfRun(deps, policy, run);
  if (retry === undefined) {
    await deps.catalog.policies.settleRun(run, lastError);
    return true;
  }
  lastError = `${lastError ?? 'it failed'} (tried again at ${retry.dueAt})`;
  await deps.catalog.transaction(async (tx) => {
    await tx.policies.settleRun(run, lastError);
    // Not when somebody else has moved it meanwhile.
    await tx.policies.moveOn(run.source, { nextRunAt: new Date(retry.dueAt), retry });
  });
  return true;
}

function retryOfRun(
  { clock, retryMinutes }: TickDeps,
  { enabled, spec }: Policy,
  { source, jobState, jobErrorCode, jobRun }: EndedRun,
): PlannedRetry | undefined {
  const { gone, lastRunAt, nextRunAt } = source;
  if (jobState !== 'failed' || !enabled || gone || lastRunAt === undefined) return undefined;
  const run = jobRun ?? { at: lastRunAt.toISOString(), attempt: 1 };
  return retryOf(spec, { code: jobErrorCode, run, nextRunAt, now: clock.now() }, retryMinutes);
}

async function expire(deps: TickDeps, policy: Policy, source: PolicySource): Promise<number> {
  const rule = expirationOf(policy.spec, deps.configuredCycle);
  if (rule === undefined) return 0;
  const expirations = await deps.requestExpiration(callerFor(policy), {
    of: { source: source.sourceId },
    store: storeOf(policy, deps.defaultStore),
    ...rule,
    allowNewest: false,
    dryRun: false,
  });
  return expirations.reduce((sum, { points }) => sum + points.length, 0);
}

async function startDue(deps: TickDeps, report: TickReport, signal: AbortSignal | undefined): Promise<void> {
  const due = await deps.catalog.policies.due(deps.clock.now(), batch);
  const policies = await policiesOf(
    deps,
    due.map((source) => ({ source })),
  );
  for (const source of due) {
    signal?.throwIfAborted();
    const policy = policies.get(source.policyId);
    if (policy === undefined) continue;
    try {
      if (source.gone) {
        await lookAfterGone(deps, policy, source);
        continue;
      }
      const outcome = await start(deps, policy, source);
      if (outcome !== undefined) report[outcome] += 1;
    } catch (error) {
      if (error instanceof AppError && error.code === 'CONFLICT_RUN_TAKEN') continue;
      deps.onError('a backup of a policy could not be asked for', error, factsOf(policy, source));
    }
  }
}

/** However many runs were missed, it is one backup: the next is counted from now. */
async function start(
  deps: TickDeps,
  policy: Policy,
  source: PolicySource,
): Promise<'started' | 'skipped' | 'postponed' | undefined> {
  const { policies } = deps.catalog;
  const now = deps.clock.now();
  if (!policy.enabled) {
    await policies.moveOn(source, { nextRunAt: undefined });
    return undefined;
  }
  const allowed = allowedStart(policy.spec, source.sourceId, now);
  if (allowed > now) {
    await policies.moveOn(source, { nextRunAt: allowed });
    return 'postponed';
  }
  const nextRunAt = nextRun(policy.spec, source.sourceId, now);
  if (source.jobId !== undefined) {
    const lastError = 'a run was left out: the backup before it had not ended';
    await policies.moveOn(source, { nextRunAt, lastError });
    return 'skipped';
  }
  // Planned again since, it is a run of its own.
  const retry = source.retry?.dueAt === source.nextRunAt?.toISOString() ? source.retry : undefined;
  const backup = {
    target: source.target,
    cycle: cycleOf(policy.spec, deps.configuredCycle),
    // Only what runs can stand still.
    consistency: source.kind === 'instance' ? policy.spec.consistency : 'crash',
    bandwidthMib: policy.spec.bandwidthMib,
    store: policy.spec.store,
    policy: policy.name,
    ...(retry === undefined ? {} : { run: { at: retry.at, attempt: retry.attempt } }),
  };
  await deps.submitBackup(callerFor(policy), backup, async (tx, jobId) => {
    if (await tx.policies.moveOn(source, { nextRunAt, run: { at: now, jobId } })) return;
    throw new AppError(
      'CONFLICT_RUN_TAKEN',
      `another worker has asked for this backup of ${source.sourceName}`,
    );
  });
  return 'started';
}

/** Its points only grow older; the last good one stays, and then there is nothing more to look at. */
async function lookAfterGone(deps: TickDeps, policy: Policy, source: PolicySource): Promise<void> {
  const left = await expire(deps, policy, source).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'NOTFOUND_RESOURCE') return 0;
    throw error;
  });
  const nextRunAt = left > 1 ? new Date(deps.clock.now().getTime() + dayMs) : undefined;
  await deps.catalog.policies.moveOn(source, { nextRunAt });
}

async function policiesOf(
  { catalog }: TickDeps,
  runs: readonly { source: PolicySource }[],
): Promise<Map<string, Policy>> {
  if (runs.length === 0) return new Map();
  const ids = [...new Set(runs.map(({ source }) => source.policyId))];
  return new Map((await catalog.policies.ofIds(ids)).map((policy) => [policy.id, policy]));
}

function factsOf(policy: Policy, source: PolicySource): Record<string, unknown> {
  return { policy: policy.name, kind: source.kind, sourceId: source.sourceId };
}
