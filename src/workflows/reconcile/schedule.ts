import type { Clock } from '../../base/clock.ts';
import type { Caller } from '../../domain/access.ts';
import type { Job } from '../../domain/job.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { Locks } from '../../drivers/catalog/locks.ts';
import type { SubmitDeps } from '../submit-job.ts';
import { requestReconciliation } from './request.ts';

export interface ScheduleDeps extends SubmitDeps {
  catalog: Pick<Catalog, 'transaction' | 'jobs'>;
  locks: Pick<Locks, 'acquire'>;
  clock: Clock;
}

/** Who asks for what the service does by itself. */
const service: Caller = {
  userId: 'emberkeep',
  userName: 'emberkeep',
  projectId: undefined,
  projectName: undefined,
  roles: ['admin'],
  level: 'admin',
  seesAll: true,
  isAdmin: true,
  requestId: 'req-reconcile',
  address: '',
};

/**
 * Starts a reconciliation unless one waits or runs, or the last began less than so long ago, by whichever worker. All
 * workers of a cluster ask; the lock lets one of them answer. undefined when none was due.
 */
export async function reconcileIfDue(deps: ScheduleDeps, leastMs: number): Promise<Job | undefined> {
  const { catalog, locks, clock } = deps;
  const lock = await locks.acquire('reconcile:schedule');
  if (lock === undefined) return undefined;
  try {
    const recent = await catalog.jobs.list({ kind: 'reconcile', limit: 20 });
    const last = recent.find(({ target }) => target['dryRun'] !== true);
    const isLive = recent.some(({ state }) => state === 'queued' || state === 'running');
    const isRecent = last !== undefined && clock.now().getTime() - last.createdAt.getTime() < leastMs;
    return isLive || isRecent ? undefined : await requestReconciliation(deps, service, { dryRun: false });
  } finally {
    await lock.release();
  }
}
