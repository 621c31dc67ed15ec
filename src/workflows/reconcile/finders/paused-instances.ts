import type { JobRow } from '../../../drivers/catalog/types.ts';
import { isNamedByLiveJob } from '../live-jobs.ts';
import type { Finder, ReconcileDeps, Stray } from '../deps.ts';

/** Instances that failed backups of ours paused and could not let run again, since Nova was away. */
export const pausedInstances: Finder = { name: 'instances that backups paused', find };

const longestAgeMs = 7 * 24 * 3_600_000;

async function* find(deps: ReconcileDeps): AsyncGenerator<Stray, void, undefined> {
  const since = new Date(deps.clock.now().getTime() - longestAgeMs);
  for (const job of await deps.catalog.reconcile.backupsThatPaused(since)) {
    const instance = instanceOf(job);
    if (instance === undefined) continue;
    const { id, name, projectId } = instance;
    // A backup that runs may just have paused it, and lets it run by itself.
    const isStill = async (): Promise<boolean> =>
      !(await isNamedByLiveJob(deps, id)) && (await deps.pauses.isPausedByUs(projectId, id));
    if (!(await isStill())) continue;
    yield {
      kind: 'paused-instance',
      what: `${id} (${name})`,
      where: `Nova, project ${projectId}`,
      since: job.finishedAt,
      sizeBytes: undefined,
      action: 'unpause the instance',
      reason: `backup ${job.id} ${job.state} and could not do it`,
      locks: [`job:${job.id}`],
      isStill,
      remove: async () => {
        await deps.pauses.unpauseOurs(projectId, id);
      },
    };
  }
}

function instanceOf({ plan }: JobRow): { id: string; name: string; projectId: string } | undefined {
  const { instance } = plan as { instance?: { id: string; name: string; projectId: string } };
  return instance;
}
