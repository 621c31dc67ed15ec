import type { Job } from '../../domain/job.ts';

export interface ReconcilingDeps {
  /** Starts a reconciliation unless the last began less than so long ago. */
  reconcileIfDue: (leastMs: number) => Promise<Job | undefined>;
  onError: (message: string, error: unknown, facts: Record<string, unknown>) => void;
}

/** A service that is restarted over and over does not begin anew each time. */
const leastAtStartMs = 5 * 60_000;
/** How late one can be that another worker would have started, had it not ended. */
const lookMs = 60_000;

/** At the start, and then as often as told, by whichever worker of the cluster is first; returns what ends it. */
export async function startReconciling(deps: ReconcilingDeps, intervalMs: number): Promise<() => void> {
  const look = async (leastMs: number): Promise<void> => {
    try {
      await deps.reconcileIfDue(leastMs);
    } catch (error) {
      deps.onError('a reconciliation could not be started', error, {});
    }
  };
  await look(Math.min(leastAtStartMs, intervalMs));
  const timer = setInterval(() => void look(intervalMs), Math.min(lookMs, intervalMs));
  return () => clearInterval(timer);
}
