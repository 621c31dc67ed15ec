import type { Drift, Finding, FindingOutcome } from '../../domain/reconciliation.ts';

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
  /** Where catalog, store and clusters do not agree; how often, and the first thousand. */
  drifted: number;
  drift: Drift[];
  /** Kinds of things that could not be looked for, and why. */
  problems: string[];
}

/** Of each kind of list; the counts tell of all. */
const shownFindings = 1000;

/** Gathers what a reconciliation finds. */
export interface Report {
  add(finding: Finding): void;
  addDrift(drift: Drift): void;
  addProblem(problem: string): void;
  plan(): ReconcilePlan;
  result(): ReconcileResult;
}

export function createReport(earlier: readonly Finding[], dryRun: boolean): Report {
  const findings = [...earlier];
  const problems: string[] = [];
  const drift: Drift[] = [];
  let drifted = 0;
  const counts: Record<FindingOutcome, number> = { found: 0, done: earlier.length, left: 0, failed: 0 };
  return {
    add: (finding) => {
      counts[finding.outcome] += 1;
      if (findings.length < shownFindings) findings.push(finding);
    },
    addDrift: (one) => {
      drifted += 1;
      if (drift.length < shownFindings) drift.push(one);
    },
    addProblem: (problem) => void problems.push(problem),
    plan: () => ({ done: findings.filter(({ outcome }) => outcome === 'done') }),
    result: () => {
      const { done, left, failed } = counts;
      const found = counts.found + done + left + failed;
      return { dryRun, found, done, left, failed, findings, drifted, drift, problems };
    },
  };
}
