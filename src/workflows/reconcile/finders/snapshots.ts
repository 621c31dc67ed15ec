import { formatLocation } from '../../../domain/disk.ts';
import { linkIdOfSnapshot, snapshotTime } from '../../../domain/snapshot-name.ts';
import type { DiskImage } from '../../../drivers/catalog/reconcile.ts';
import { locationOf, type Facts, type Finder, type ReconcileDeps, type Stray } from '../deps.ts';
import { isNamedByLiveJob } from '../live-jobs.ts';
import { safetyStray } from './safety-snapshot.ts';

/** I4: snapshots that backups of ours took and that no next increment needs, and those of write-backs that no undo does. */
export const strandedSnapshots: Finder = { name: 'snapshots of backups', find };

const batchSize = 500;

async function* find(deps: ReconcileDeps, facts: Facts): AsyncGenerator<Stray, void, undefined> {
  for (const place of await facts.pools()) {
    const seen = (await facts.imagesOf(place)).flatMap(({ image, imageId, snapshots }) =>
      snapshots
        .filter((name) => linkIdOfSnapshot(name) !== undefined)
        .map((name) => ({ image: { ...place, image, imageId }, name })),
    );
    for (let at = 0; at < seen.length; at += batchSize) {
      const batch = seen.slice(at, at + batchSize);
      const needed = new Set(await deps.catalog.reconcile.neededSnapshots(batch.map(({ name }) => name)));
      for (const { image, name } of batch.filter((one) => !needed.has(one.name))) {
        const stray = (await toStray(deps, image, name)) ?? (await safetyStray(deps, image, name));
        if (stray !== undefined) yield stray;
      }
    }
  }
}

type Seen = DiskImage & { imageId: string };

async function toStray(deps: ReconcileDeps, seen: Seen, name: string): Promise<Stray | undefined> {
  const { rbd, catalog } = deps;
  const diskKey = await diskOfStranded(deps, seen, name);
  if (diskKey === undefined) return undefined;
  const at = locationOf(seen, seen.image);
  return {
    kind: 'snapshot',
    what: `${formatLocation(at)}@${name}`,
    where: `cluster ${at.cluster}`,
    since: snapshotTime(name),
    sizeBytes: undefined,
    action: 'remove the snapshot',
    reason: `no increment of ${diskKey} will stand on it`,
    locks: [`disk:${diskKey}`],
    isStill: async () =>
      (await rbd.findImage(at))?.imageId === seen.imageId &&
      (await diskOfStranded(deps, seen, name)) !== undefined,
    remove: async () => {
      await rbd.removeSnapshot(at, name);
      await catalog.links.snapshotReleased(name);
    },
  };
}

/**
 * The disk whose snapshot it is and that does not need it. It must lie on an image of that disk: the import of a restore
 * makes snapshots of the same names on its fresh image, and they are its own.
 */
export async function diskOfStranded(
  { catalog }: Pick<ReconcileDeps, 'catalog'>,
  seen: Seen,
  name: string,
  { isDeleted }: { isDeleted: boolean } = { isDeleted: false },
): Promise<string | undefined> {
  if (!(await catalog.links.ownsSnapshot(name))) return undefined;
  if (!isDeleted && (await catalog.reconcile.neededSnapshots([name])).length > 0) return undefined;
  const origin = await catalog.reconcile.originOfSnapshot(name);
  if (origin === undefined) return undefined;
  if (!origin.images.some((known) => isImage(known, seen)) && !isNamedByKey(origin.diskKey, seen))
    return undefined;
  const linkId = linkIdOfSnapshot(name) ?? name;
  return (await isNamedByLiveJob({ catalog }, linkId)) ? undefined : origin.diskKey;
}

/** Ceph's id where it is known: another image can have come under the name. */
function isImage(known: DiskImage, seen: Seen): boolean {
  if (known.cluster !== seen.cluster || known.pool !== seen.pool) return false;
  return known.imageId === undefined ? known.image === seen.image : known.imageId === seen.imageId;
}

/** For disks of which no link is left: `volume:<id>` is `volume-<id>`, `nova:<image>` and `image:<place>` say it themselves. */
function isNamedByKey(diskKey: string, { cluster, pool, image }: Seen): boolean {
  return [
    `nova:${image}`,
    `image:${cluster}/${pool}/${image}`,
    image.replace(/^volume-/, 'volume:'),
  ].includes(diskKey);
}
