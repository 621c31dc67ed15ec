/** Images that a deep verification restores into: marked as the job's own, and gone with it whatever happens. */
import { AppError } from '../../base/errors.ts';
import { retry } from '../../base/retry.ts';
import type { ImageLocation } from '../../domain/disk.ts';
import type { SourceImage } from '../../domain/manifest.ts';
import { verifyMark } from '../../domain/verification.ts';
import type { VerifyDeps } from './deps.ts';

type Deps = Pick<VerifyDeps, 'rbd'>;

/** At least 34 s: Ceph lists a client that was killed as a watcher for 30 s (osd_client_watch_timeout). */
const patience = { attempts: 20, firstDelayMs: 500, maxDelayMs: 4_000 };

export async function createScratch(
  { rbd }: Deps,
  jobId: string,
  scratch: ImageLocation,
  { sizeBytes, objectSizeBytes }: SourceImage,
): Promise<void> {
  await rbd.createImage(scratch, { sizeBytes, objectSizeBytes, mark: { key: verifyMark, value: jobId } });
}

/**
 * Removes a scratch image; one that is gone is fine. Only with the job's own mark, or none yet under a name that holds
 * the job's id: an attempt that died between creating and marking it.
 */
export async function removeScratch({ rbd }: Deps, jobId: string, scratch: ImageLocation): Promise<void> {
  if ((await rbd.findImage(scratch)) === undefined) return;
  const mark = await rbd.readImageMark(scratch, verifyMark);
  if (mark !== undefined && mark !== jobId) return;
  // Also what a killed worker's import has open still (I6).
  const remove = async (): Promise<void> => {
    for (const { name } of await rbd.listSnapshots(scratch)) await rbd.removeSnapshot(scratch, name);
    await rbd.removeImage(scratch);
  };
  await retry(remove, {
    ...patience,
    shouldRetry: (error) => error instanceof AppError && error.code === 'CEPH_BUSY',
  });
}
