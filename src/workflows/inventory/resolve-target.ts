import { AppError } from '../../base/errors.ts';
import { authorize, notFound, type Caller } from '../../domain/access.ts';
import { formatLocation } from '../../domain/disk.ts';
import { isFreshImageName, isKeptImageName } from '../../domain/restore.ts';
import type { BackupTarget, ResolvedTarget } from '../../domain/target.ts';
import type { Volume } from '../../drivers/openstack/cinder-volume.ts';
import type { InventoryDeps } from './deps.ts';
import { findInstance, findVolume } from './find-by-name.ts';

/** Names to ids, and whether the caller may back it up; a pool becomes its images, one target each. */
export async function resolveTargets(
  deps: InventoryDeps,
  caller: Caller,
  target: BackupTarget,
): Promise<ResolvedTarget[]> {
  switch (target.kind) {
    case 'instance': {
      const { id, name, projectId } = (await findInstance(deps, caller, target.nameOrId)).description;
      authorize(caller, 'backup', projectId, `instance "${target.nameOrId}"`);
      return [{ kind: 'instance', id, name, projectId }];
    }
    case 'volume': {
      const { id, name, projectId } = (await findVolume(deps, caller, target.nameOrId)).description;
      authorize(caller, 'backup', projectId, `volume "${target.nameOrId}"`);
      return [{ kind: 'volume', id, name, projectId }];
    }
    case 'image': {
      const what = `image ${formatLocation(target.location)}`;
      authorize(caller, 'administer', null, what);
      if ((await deps.rbd.findImage(target.location)) === undefined) throw notFound(what);
      return [{ kind: 'image', location: target.location }];
    }
    case 'pool': {
      authorize(caller, 'administer', null, `pool ${target.pool}`);
      return await resolvePool(deps, target);
    }
  }
}

/**
 * The base snapshot of every image of a pool. An image that Cinder knows is backed up as its volume, so that its points
 * are found under the volume's id whichever way they were asked for.
 */
async function resolvePool(
  { rbd, cinder }: InventoryDeps,
  { cluster, pool }: { cluster: string; pool: string },
): Promise<ResolvedTarget[]> {
  await rbd.checkPool(cluster, pool);
  const images = (await rbd.listImages(cluster, pool)).filter(
    (image) => !isFreshImageName(image) && !isKeptImageName(image),
  );
  if (images.length === 0)
    throw new AppError('INPUT_EMPTY_POOL', `pool ${pool} of cluster ${cluster} has no image to back up`);
  const volumes = new Map<string, Volume>();
  for await (const volume of cinder.listVolumes({ allProjects: true })) volumes.set(volume.imageName, volume);
  return images.map((image) => {
    const volume = volumes.get(image);
    if (volume === undefined) return { kind: 'image', location: { cluster, pool, image } };
    const { id, name, projectId } = volume.description;
    return { kind: 'volume', id, name, projectId };
  });
}
