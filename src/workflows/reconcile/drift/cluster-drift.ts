import { formatLocation } from '../../../domain/disk.ts';
import type { Drift } from '../../../domain/reconciliation.ts';
import type { NeededSnapshot } from '../../../drivers/catalog/heads.ts';
import type { ListedImage } from '../../../drivers/ceph/images.ts';
import type { Facts, ReconcileDeps } from '../deps.ts';
import { isNamedByLiveJob } from '../live-jobs.ts';

const pageLength = 500;

/**
 * Snapshots that next increments stand on and that are gone from their images (I3). An image that is gone itself, or
 * another one under its name, is none: volumes are deleted and restored.
 */
export async function* snapshotDrift(
  deps: ReconcileDeps,
  facts: Facts,
): AsyncGenerator<Drift, void, undefined> {
  const listed = await imagesById(facts);
  for (let after: string | undefined; ;) {
    const { heads, last } = await deps.catalog.reconcile.snapshotsOfHeads({ after, limit: pageLength });
    for (const head of heads) {
      const image = listed.get(keyOf(head.image));
      if (image === undefined || image.snapshots.includes(head.name)) continue;
      if (!(await isStillMissing(deps, head))) continue;
      yield {
        kind: 'snapshot-missing',
        what: `${formatLocation(head.image)}@${head.name}`,
        where: `cluster ${head.image.cluster}`,
        advice: `somebody removed it; the next backup of ${head.diskKey} is a full`,
      };
    }
    if (last === undefined) return;
    after = last;
  }
}

async function imagesById(facts: Facts): Promise<Map<string, ListedImage>> {
  const images = new Map<string, ListedImage>();
  for (const place of await facts.pools())
    for (const image of await facts.imagesOf(place)) images.set(keyOf({ ...place, ...image }), image);
  return images;
}

function keyOf({ cluster, pool, image, imageId }: NeededSnapshot['image']): string {
  return [cluster, pool, image, imageId].join(' ');
}

/** The list is of some time ago: a backup since then has taken another one. */
async function isStillMissing(
  { rbd, catalog }: ReconcileDeps,
  { image, name, diskKey }: NeededSnapshot,
): Promise<boolean> {
  if (await isNamedByLiveJob({ catalog }, diskKey)) return false;
  if ((await catalog.reconcile.neededSnapshots([name])).length === 0) return false;
  if ((await rbd.findImage(image))?.imageId !== image.imageId) return false;
  return !(await rbd.findSnapshots(image)).some((snapshot) => snapshot.name === name);
}
