/**
 * A fresh image that a dead worker's program has open is left alone, and another one filled. To wait would take half a
 * minute at best; and Ceph's OSD can keep the watch of a client that was killed while it opened the image for ever.
 */
import { formatLocation } from '../../domain/disk.ts';
import { freshImageName } from '../../domain/restore.ts';
import type { JobContext } from '../job-context.ts';
import type { RestoreDeps } from './deps.ts';
import type { RestoreDiskPlan, RestorePlan } from './plan.ts';
import { removeFreshImage } from './undo.ts';
import { isInUse } from './wait-until-free.ts';

/** The names of a restore's images are numbered; those of the first ones are taken. */
export function withOtherImage(
  plan: RestoreDiskPlan,
  restoreId: string,
  disks: number,
): Partial<RestoreDiskPlan> {
  const { fresh, abandoned = [], volume, swap, writeBack } = plan;
  const number = Number(fresh.image.split('-').at(-1)) + disks;
  const image = freshImageName(restoreId, number);
  return {
    fresh: { ...fresh, image },
    abandoned: [...abandoned, fresh],
    ...(volume === undefined ? {} : { volume: { ...volume, location: { ...volume.location, image } } }),
    ...(swap === undefined ? {} : { swap: { ...swap, staged: { ...swap.staged, image } } }),
    ...(writeBack === undefined ? {} : { writeBack: { ...writeBack, source: { ...fresh, image } } }),
  };
}

/** At the end, when they are mostly free; the restore has succeeded by then, so one that is not is only told. */
export async function removeAbandoned(
  deps: Pick<RestoreDeps, 'rbd'>,
  plan: RestorePlan,
  { abandoned = [] }: RestoreDiskPlan,
  context: Pick<JobContext<unknown>, 'note'>,
): Promise<void> {
  for (const image of abandoned) {
    try {
      await removeFreshImage(deps, plan, image);
    } catch (error) {
      if (!isInUse(error)) throw error;
      await context.note(
        `${formatLocation(image)} is still open somewhere and was left; see docs/operate/troubleshooting.md`,
      );
    }
  }
}
