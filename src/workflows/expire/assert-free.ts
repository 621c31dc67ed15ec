import { AppError } from '../../base/errors.ts';
import type { JobRow } from '../../drivers/catalog/types.ts';
import type { ExpireDeps } from './deps.ts';

/**
 * The locks keep running jobs apart. A backup or restore whose worker died holds none, and its next attempt goes on
 * where it stopped, with the chain as it was: an exported link that names its parent, an image that is half imported.
 * While there is one, the links of its disks stay as they are (I9).
 *
 * @throws CONFLICT_JOB_UNDER_WAY.
 */
export async function assertFree(
  { catalog }: Pick<ExpireDeps, 'catalog'>,
  diskKeys: readonly string[],
  pointIds: readonly string[],
): Promise<void> {
  for (const job of await catalog.jobs.unfinished()) {
    const isInTheWay =
      (job.kind === 'backup' && hasSnapshotOf(job, diskKeys)) ||
      (job.kind === 'restore' && (await needsLinks({ catalog }, job, diskKeys, pointIds)));
    if (!isInTheWay) continue;
    throw new AppError(
      'CONFLICT_JOB_UNDER_WAY',
      `${job.kind} ${job.id} has begun with the same disks; try again when it has ended (\`emberkeep job watch ${job.id}\`)`,
      { details: { jobId: job.id } },
    );
  }
}

/** A backup that has taken no snapshot yet has nothing that hangs on a link. */
function hasSnapshotOf({ plan }: JobRow, diskKeys: readonly string[]): boolean {
  const disks = plan['disks'] as { disk?: { key?: string }; snapshot?: unknown }[] | undefined;
  return (disks ?? []).some(
    ({ disk, snapshot }) => snapshot !== undefined && diskKeys.includes(disk?.key ?? ''),
  );
}

/** One that is queued reads the chain when it begins, but its point must still be there. */
async function needsLinks(
  { catalog }: Pick<ExpireDeps, 'catalog'>,
  { state, target }: JobRow,
  diskKeys: readonly string[],
  pointIds: readonly string[],
): Promise<boolean> {
  const pointId = String(target['pointId']);
  if (pointIds.includes(pointId)) return true;
  if (state === 'queued') return false;
  const point = await catalog.points.get(pointId);
  return point?.manifest.disks.some(({ disk }) => diskKeys.includes(disk.key)) ?? false;
}
