import { AppError } from '../../base/errors.ts';
import { formatLocation } from '../../domain/disk.ts';
import type { BackupDeps } from './deps.ts';
import type { BackupPlan } from './plan.ts';
import type { SeenSnapshots } from './seen-snapshots.ts';

interface Deps {
  catalog: Pick<BackupDeps['catalog'], 'writingBack' | 'halfWritten'>;
  snapshots: Pick<SeenSnapshots, 'last'>;
}

/**
 * I9: the locks keep a restore that writes into a disk's image apart; one whose worker died holds none, and its disk is
 * neither what it was nor the point until it is resumed. Nor is that of one that failed, and whose way back failed too: a
 * backup would keep a mixture as a good point.
 *
 * @throws CONFLICT_JOB_UNDER_WAY, CONFLICT_HALF_RESTORED.
 */
export async function refuseHalfWritten(
  { catalog, snapshots }: Deps,
  { disks }: Pick<BackupPlan, 'disks'>,
): Promise<void> {
  const keys = disks.filter(({ snapshot }) => snapshot === undefined).map(({ disk }) => disk.key);
  if (keys.length === 0) return;
  const jobId = await catalog.writingBack(keys);
  if (jobId !== undefined) {
    throw new AppError(
      'CONFLICT_JOB_UNDER_WAY',
      `job ${jobId} has begun to write a point back into the same disks; back up again when it has ended (\`emberkeep job watch ${jobId}\`)`,
      { details: { jobId } },
    );
  }
  for (const { restoreId, target, safety } of await catalog.halfWritten(keys)) {
    if (!(await snapshots.last(target)).some(({ name }) => name === safety)) continue;
    throw new AppError(
      'CONFLICT_HALF_RESTORED',
      `${formatLocation(target)} is neither what it was nor a point: restore ${restoreId} could neither be finished nor taken back; mend the reason and \`emberkeep restore undo ${restoreId}\`, or restore a point in place, then back up again`,
      { details: { restoreId } },
    );
  }
}
