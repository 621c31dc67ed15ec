import type { BackupDeps } from './deps.ts';
import type { BackupPlan } from './plan.ts';
import { sweepSnapshots } from './sweep-snapshots.ts';

type Deps = Pick<BackupDeps, 'rbd' | 'store' | 'catalog'>;

/**
 * Removes what an uncommitted backup made: its point, its links, its snapshots. The snapshot of the last complete
 * point stays, since the next increment needs it (I4).
 */
export async function undoBackup(deps: Deps, plan: BackupPlan): Promise<void> {
  await deps.store.removePoint(plan.pointId);
  for (const { linkId } of plan.disks) await deps.store.removeLink(linkId);
  for (const { disk, snapshot } of plan.disks) {
    const head = await deps.catalog.latestLink(disk.key);
    await sweepSnapshots(deps, {
      location: disk.location,
      imageId: snapshot?.source.imageId,
      keepLinkId: head?.linkId,
    });
  }
}
