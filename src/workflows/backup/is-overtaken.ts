import type { BackupDeps } from './deps.ts';
import type { BackupPlan, DiskPlan, TakenSnapshot } from './plan.ts';

type Deps = Pick<BackupDeps, 'rbd' | 'store' | 'catalog'>;

/**
 * Whether the snapshots of an attempt that died can no longer be exported: while nobody held its locks, another backup
 * of a disk came, and swept them (I4) or stands on a newer one. With all links in the store nothing is left to export.
 */
export async function isOvertaken(deps: Deps, plan: BackupPlan): Promise<boolean> {
  const stored = await Promise.all(plan.disks.map(({ linkId }) => deps.store.readLinkManifest(linkId)));
  if (stored.every((link) => link !== undefined)) return false;
  for (const disk of plan.disks) {
    if (disk.snapshot !== undefined && (await isUnusable(deps, disk, disk.snapshot))) return true;
  }
  return false;
}

async function isUnusable(
  { rbd, catalog }: Deps,
  { disk }: DiskPlan,
  { identity, source }: TakenSnapshot,
): Promise<boolean> {
  const image = await rbd.findImage(disk.location);
  // Gone or replaced: nothing that is taken anew would be of the same disk, so the export says what is wrong.
  if (image?.imageId !== source.imageId) return false;
  const snapshots = await rbd.listSnapshots(disk.location);
  if (!snapshots.some(({ id, name }) => id === identity.id && name === identity.name)) return true;
  const head = await catalog.latestLink(disk.key);
  // Ceph counts a pool's snapshots upwards, and exports only from an older to a newer one.
  return head?.source.imageId === source.imageId && head.toSnapshot.id > identity.id;
}
