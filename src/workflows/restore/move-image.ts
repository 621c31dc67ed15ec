/** An imported image without its snapshots, as large as it must be, in the pool where it is needed; repeatable. */
import { AppError } from '../../base/errors.ts';
import { formatLocation, type ImageLocation } from '../../domain/disk.ts';
import type { RestoreDeps } from './deps.ts';
import { waitUntilFree } from './wait-until-free.ts';

type Deps = Pick<RestoreDeps, 'rbd'>;

export interface MoveOptions {
  fresh: ImageLocation;
  /** In the same pool the image stays where it is, under its own name. */
  location: ImageLocation;
  /** It is grown to this size, never shrunk. */
  atLeastBytes: number;
  signal: AbortSignal;
}

export async function moveImage(
  deps: Deps,
  { fresh, location, atLeastBytes, signal }: MoveOptions,
): Promise<void> {
  const { rbd } = deps;
  const samePool = fresh.pool === location.pool && fresh.cluster === location.cluster;
  const atTarget = samePool ? undefined : await rbd.findImage(location);
  if (atTarget === undefined) {
    await waitUntilFree(deps, fresh, signal);
    await dressImage(deps, fresh, atLeastBytes);
    if (samePool) return;
    await rbd.prepareMigration(fresh, location);
    await rbd.executeMigration(location, { signal });
    await rbd.commitMigration(location);
    return;
  }

  // The rbd of a dead worker may still be at it. What an earlier attempt began is finished, whatever state it is in.
  await waitUntilFree(deps, location, signal);
  const state = await rbd.migrationState(location);
  if (state === 'other')
    throw new AppError(
      'CONFLICT_MIGRATION',
      `${formatLocation(location)} is in a migration state that cannot be continued; see rbd status`,
    );
  if (state === 'prepared' || state === 'executing') await rbd.executeMigration(location, { signal });
  if (state !== 'none') await rbd.commitMigration(location);
}

/** Cinder leaves a managed image's size as it is; snapshots would hinder the tenant's own deletes. */
async function dressImage({ rbd }: Deps, image: ImageLocation, atLeastBytes: number): Promise<void> {
  for (const { name } of await rbd.listSnapshots(image)) await rbd.removeSnapshot(image, name);
  const { sizeBytes } = await rbd.showImage(image);
  if (sizeBytes < atLeastBytes) await rbd.growImage(image, atLeastBytes);
}
