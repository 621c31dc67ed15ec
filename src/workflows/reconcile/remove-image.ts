import { AppError } from '../../base/errors.ts';
import { formatLocation, type ImageLocation } from '../../domain/disk.ts';
import type { ReconcileDeps } from './deps.ts';

type Deps = Pick<ReconcileDeps, 'rbd'>;

/** Throws CONFLICT_IMAGE_IN_USE when somebody has it open (I6); nothing is changed then. */
export async function removeStrayImage({ rbd }: Deps, at: ImageLocation): Promise<void> {
  await assertClosed({ rbd }, at);
  for (const { name } of await rbd.listSnapshots(at)) await rbd.removeSnapshot(at, name);
  await rbd.removeImage(at);
}

export async function assertClosed({ rbd }: Deps, at: ImageLocation): Promise<void> {
  const watchers = await rbd.listWatchers(at);
  if (watchers.length === 0) return;
  throw new AppError(
    'CONFLICT_IMAGE_IN_USE',
    `${formatLocation(at)} is open at ${watchers.join(', ')}; of a client that was killed Ceph may know it only later`,
  );
}
