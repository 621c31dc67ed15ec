/**
 * Finds what is ours and needed by nobody: what jobs left whose own undo failed or that nobody came to undo. Each thing
 * is looked at once more when its locks are held, and then removed; it can be killed at any instant and simply looks
 * again (I9). One thing that cannot be removed keeps nothing else from being looked at.
 */
import { AppError, describeError } from '../../base/errors.ts';
import type { Requester } from '../../domain/job.ts';
import type { Finding, FindingOutcome } from '../../domain/reconciliation.ts';
import type { JobContext } from '../job-context.ts';
import type { Facts, Finder, ReconcileDeps, Stray } from './deps.ts';
import { comparisonsOf, type Comparison } from './drift/comparisons.ts';
import { createFacts } from './facts.ts';
import { findersOf } from './finders.ts';
import { createReport, type ReconcilePlan, type ReconcileResult, type Report } from './report.ts';
import { withLocks } from './with-locks.ts';

export interface ReconcileOptions {
  dryRun: boolean;
  requestedBy: Requester;
  requestId: string | undefined;
}

type Context = JobContext<ReconcilePlan>;

const busyCodes = ['CONFLICT_IMAGE_IN_USE', 'CONFLICT_VOLUME_IN_USE', 'CEPH_BUSY'];

export async function runReconcile(
  deps: ReconcileDeps,
  options: ReconcileOptions,
  context: Context,
): Promise<ReconcileResult> {
  const report = createReport(context.plan?.done ?? [], options.dryRun);
  await context.record('begun', report.plan());
  await context.lock(['reconcile']);
  const facts = createFacts(deps, (problem) => report.addProblem(problem));
  for (const finder of findersOf(deps)) {
    context.signal.throwIfAborted();
    await runFinder(deps, options, context, { finder, facts, report });
    await context.record(`looked for ${finder.name}`, report.plan());
  }
  for (const comparison of comparisonsOf(deps)) {
    context.signal.throwIfAborted();
    await compare(deps, context, { comparison, facts, report });
  }
  await context.record('compared with store and clusters', report.plan());
  return report.result();
}

interface Search {
  finder: Finder;
  facts: Facts;
  report: Report;
}

async function runFinder(
  deps: ReconcileDeps,
  options: ReconcileOptions,
  context: Context,
  { finder, facts, report }: Search,
): Promise<void> {
  await tellProblems(finder, context, report, async () => {
    for await (const stray of finder.find(deps, facts)) {
      context.signal.throwIfAborted();
      const finding = await deal(deps, options, context, stray);
      if (finding === undefined) continue;
      report.add(finding);
      await context.note(describe(finding));
    }
  });
}

/** Changes nothing, so that a dry run and a real one are the same. */
async function compare(
  deps: ReconcileDeps,
  context: Context,
  { comparison, facts, report }: { comparison: Comparison; facts: Facts; report: Report },
): Promise<void> {
  await tellProblems(comparison, context, report, async () => {
    for await (const drift of comparison.find(deps, facts)) {
      context.signal.throwIfAborted();
      report.addDrift(drift);
      await context.note(`${drift.kind}: ${drift.what} in ${drift.where}: ${drift.advice}`);
    }
  });
}

async function tellProblems(
  { name }: { name: string },
  context: Context,
  report: Report,
  look: () => Promise<void>,
): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (context.signal.aborted || isEverybodys(error)) throw error;
    const problem = `${name} could not be looked for: ${describeError(error)}`;
    report.addProblem(problem);
    await context.note(problem);
  }
}

/** Without the catalog nothing is known of what is ours. */
function isEverybodys(error: unknown): boolean {
  return !(error instanceof AppError) || /^(CATALOG|CANCELLED|BUG)_/.test(error.code);
}

/** undefined when it turned out to be needed, or to be gone. */
async function deal(
  deps: ReconcileDeps,
  options: ReconcileOptions,
  { jobId, signal }: Pick<Context, 'jobId' | 'signal'>,
  stray: Stray,
): Promise<Finding | undefined> {
  if (options.dryRun) return toFinding(deps, stray, 'found');
  const outcome = await withLocks(deps, stray.locks, async (lost) => {
    try {
      if (!(await stray.isStill())) return 'gone';
      AbortSignal.any([signal, lost]).throwIfAborted();
      // Before it is done: a worker that dies in between must not have removed something that nobody can look up.
      await audit(deps, options, jobId, stray);
      await stray.remove();
      return toFinding(deps, stray, 'done');
    } catch (error) {
      if (signal.aborted || lost.aborted || isEverybodys(error)) throw error;
      const isBusy = error instanceof AppError && busyCodes.includes(error.code);
      return toFinding(deps, stray, isBusy ? 'left' : 'failed', describeError(error));
    }
  });
  if (outcome === 'gone') return undefined;
  return outcome ?? toFinding(deps, stray, 'left', 'another job works on it');
}

async function audit(
  { catalog }: ReconcileDeps,
  { requestedBy, requestId }: ReconcileOptions,
  jobId: string,
  { kind, what, where, action, reason }: Stray,
): Promise<void> {
  await catalog.audit.append({
    actor: { ...requestedBy },
    action: 'reconcile.remove',
    target: { jobId, kind, what, where, action, reason },
    result: 'allowed',
    requestId,
  });
}

function toFinding(
  { clock }: Pick<ReconcileDeps, 'clock'>,
  { kind, what, where, since, sizeBytes, action, reason }: Stray,
  outcome: FindingOutcome,
  note: string | null = null,
): Finding {
  const ageMs = since === undefined ? null : clock.now().getTime() - since.getTime();
  return {
    kind,
    what,
    where,
    ageSeconds: ageMs === null ? null : Math.max(0, Math.round(ageMs / 1000)),
    sizeBytes: sizeBytes ?? null,
    action,
    reason,
    outcome,
    note,
  };
}

function describe({ kind, what, where, action, reason, outcome, note }: Finding): string {
  const said = note === null ? '' : ` (${note})`;
  return `${outcome}: ${kind} ${what} in ${where}: ${action}, since ${reason}${said}`;
}
