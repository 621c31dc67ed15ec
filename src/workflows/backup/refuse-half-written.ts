import { AppError } from '../../base/errors.ts';
import type { BackupDeps } from './deps.ts';
import type { BackupPlan } from './plan.ts';

/**
 * I9: the locks keep a restore that writes into a disk's image apart; one whose worker died holds none, and its disk is
 * neither what it was nor the point until it is resumed. Throws CONFLICT_JOB_UNDER_WAY.
 */
export async function refuseHalfWritten(
  { catalog }: { catalog: Pick<BackupDeps['catalog'], 'writingBack'> },
  { disks }: Pick<BackupPlan, 'disks'>,
): Promise<void> {
  const waiting = disks.filter(({ snapshot }) => snapshot === undefined);
  if (waiting.length === 0) return;
  const jobId = await catalog.writingBack(waiting.map(({ disk }) => disk.key));
  if (jobId === undefined) return;
  throw new AppError(
    'CONFLICT_JOB_UNDER_WAY',
    `job ${jobId} has begun to write a point back into the same disks; back up again when it has ended (\`emberkeep job watch ${jobId}\`)`,
    { details: { jobId } },
  );
}
