import type { ImageLocation } from '../../domain/disk.ts';
import { markOf, restoreMark } from '../restore/deps.ts';
import { onceFree } from '../restore/wait-until-free.ts';
import type { VerifyDeps } from './deps.ts';

/**
 * Removes a scratch image; one that is gone is fine. Only with the job's own mark, or none yet under a name that holds
 * the job's id: an attempt that died between creating and marking it.
 */
export async function removeScratch(
  { rbd }: Pick<VerifyDeps, 'rbd'>,
  jobId: string,
  scratch: ImageLocation,
): Promise<void> {
  if ((await rbd.findImage(scratch)) === undefined) return;
  const mark = await rbd.readImageMark(scratch, restoreMark);
  if (mark !== undefined && mark !== markOf(jobId, scratch)) return;
  // Also what a killed worker's import has open still, for as long as Ceph lists it (I6).
  await onceFree(async () => {
    for (const { name } of await rbd.listSnapshots(scratch)) await rbd.removeSnapshot(scratch, name);
    await rbd.removeImage(scratch);
  });
}
