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
import { createFacts } from './facts.ts';
import { finders } from './finders.ts';
import { withLocks } from './with-locks.ts';

export interface ReconcileOptions {
  dryRun: boolean;
  requestedBy: Requester;
  requestId: string | undefined;
}

/** What earlier attempts of the job did, so that its result tells all of it. */
export interface ReconcilePlan {
  done: Finding[];
}

export interface ReconcileResult {
  dryRun: boolean;
  found: number;
  done: number;
  left: number;
  failed: number;
  /** The first thousand. */
  findings: Finding[];
  /** Kinds of things that could not be looked for, and why. */
  problems: string[];
}

type Context = JobContext<ReconcilePlan>;

const shownFindings = 1000;
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
  for (const finder of finders) {
    context.signal.throwIfAborted();
    await runFinder(deps, options, context, { finder, facts, report });
    await context.record(`looked for ${finder.name}`, report.plan());
  }
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
  try {
    for await (const stray of finder.find(deps, facts)) {
      context.signal.throwIfAborted();
      const finding = await deal(deps, options, context, stray);
      if (finding === undefined) continue;
      report.add(finding);
      await context.note(describe(finding));
    }
  } catch (error) {
    if (context.signal.aborted || isEverybodys(error)) throw error;
    const problem = `${finder.name} could not be looked for: ${describeError(error)}`;
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

interface Report {
  add(finding: Finding): void;
  addProblem(problem: string): void;
  plan(): ReconcilePlan;
  result(): ReconcileResult;
}

function createReport(earlier: readonly Finding[], dryRun: boolean): Report {
  const findings = [...earlier];
  const problems: string[] = [];
  const counts: Record<FindingOutcome, number> = { found: 0, done: earlier.length, left: 0, failed: 0 };
  return {
    add: (finding) => {
      counts[finding.outcome] += 1;
      if (findings.length < shownFindings) findings.push(finding);
    },
    addProblem: (problem) => void problems.push(problem),
    plan: () => ({ done: findings.filter(({ outcome }) => outcome === 'done') }),
    result: () => {
      const { done, left, failed } = counts;
      return { dryRun, found: counts.found + done + left + failed, done, left, failed, findings, problems };
    },
  };
}
