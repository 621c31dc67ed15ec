import type { BackupDeps } from './deps.ts';
import type { BackupPlan } from './plan.ts';
import { sweepSnapshots } from '../sweep-snapshots.ts';

type Deps = Pick<BackupDeps, 'rbd' | 'store' | 'catalog'>;

/**
 * Removes what an uncommitted backup made: its point, its links, its snapshots. The snapshot of the last complete
 * point of each store stays, since the next increment needs it (I4). A point that reached the catalog stays too: the attempt before
 * may have died between committing it and writing that down. Returns whether anything was to be undone.
 */
export async function undoBackup(deps: Deps, plan: BackupPlan): Promise<boolean> {
  const isCommitted = await deps.catalog.hasPoint(plan.pointId);
  if (!isCommitted) {
    await deps.store.removePoint(plan.pointId);
    for (const { linkId } of plan.disks) await deps.store.removeLink(linkId);
  }
  for (const { disk, snapshot } of plan.disks) {
    const needed = await deps.catalog.neededSnapshots(disk.key);
    await sweepSnapshots(deps, {
      location: disk.location,
      imageId: snapshot?.source.imageId,
      keepNames: needed.map(({ name }) => name),
    });
  }
  return !isCommitted;
}
