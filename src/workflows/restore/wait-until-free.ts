/** What a dead worker's programs had open, and when that is free again (I6, I9). */
import { AppError } from '../../base/errors.ts';
import { retry } from '../../base/retry.ts';
import { formatLocation, type ImageLocation } from '../../domain/disk.ts';
import type { RestoreDeps } from './deps.ts';

type Deps = Pick<RestoreDeps, 'rbd'>;

/**
 * At least 34 s: Ceph lists a client that was killed as a watcher for 30 s (osd_client_watch_timeout), and a program
 * that outlives its worker ends by itself once its pipe is closed.
 */
const patience = { attempts: 20, firstDelayMs: 500, maxDelayMs: 4_000 };

/** I6: Ceph renames and migrates an image that is in use without a word. Throws CONFLICT_IMAGE_IN_USE. */
export async function waitUntilFree({ rbd }: Deps, image: ImageLocation, signal: AbortSignal): Promise<void> {
  await onceFree(async () => {
    const watchers = await rbd.listWatchers(image);
    if (watchers.length === 0) return;
    throw imageInUse(image, watchers);
  }, signal);
}

export function isInUse(error: unknown): boolean {
  return error instanceof AppError && ['CONFLICT_IMAGE_IN_USE', 'CEPH_BUSY'].includes(error.code);
}

export function imageInUse(image: ImageLocation, watchers: readonly string[]): AppError {
  return new AppError(
    'CONFLICT_IMAGE_IN_USE',
    `${formatLocation(image)} is open at ${watchers.join(', ')}; close it there and restore again`,
  );
}

/** Repeats what fails because an image is still open somewhere. */
export async function onceFree<T>(operation: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return await retry(operation, {
    ...patience,
    signal,
    shouldRetry: isInUse,
  });
}
