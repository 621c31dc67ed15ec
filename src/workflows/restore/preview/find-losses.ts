/** What was written since the point, and will not be on the disk any more. */
import { AppError } from '../../../base/errors.ts';
import type { ImageLocation } from '../../../domain/disk.ts';
import type { LinkManifest } from '../../../domain/manifest.ts';
import type { PlannedLoss } from '../../../domain/planned-restore.ts';
import { isDestructive } from '../../../domain/restore.ts';
import type { RestoreDiskPlan, RestorePlan } from '../plan.ts';
import type { PreviewDeps } from './deps.ts';

type Deps = Pick<PreviewDeps, 'catalog' | 'rbd' | 'cloud' | 'undoDays'>;

/** Without an object map every object is asked; a figure is not worth more than this. */
const patienceMs = 20_000;

/** One for each disk that gets something else in its place; none for modes that leave everything as it is. */
export async function findLosses(
  deps: Deps,
  { mode, disks }: RestorePlan,
  projectId: string | null,
): Promise<PlannedLoss[]> {
  if (!isDestructive(mode)) return [];
  const losses: PlannedLoss[] = [];
  for (const plan of disks) {
    const found = await findImage(deps, plan, projectId);
    const [own, newest] = [await ownLink(deps, plan), await deps.catalog.latestLink(plan.disk.key)];
    const changedBytes = own && (await changedSince(deps, found?.location, own));
    const unsavedBytes =
      newest?.linkId === own?.linkId
        ? changedBytes
        : newest && (await changedSince(deps, found?.location, newest));
    losses.push({ diskKey: plan.disk.key, changedBytes, unsavedBytes, ...whereItStays(deps, plan) });
  }
  return losses;
}

function whereItStays(
  { undoDays }: Deps,
  { replacement, writeBack }: RestoreDiskPlan,
): Pick<PlannedLoss, 'code' | 'params' | 'text'> {
  if (replacement !== undefined) {
    const volume = replacement.oldVolumeId;
    const text = `it stays on volume ${volume}, until somebody deletes that`;
    return { code: 'stays-on-volume', params: { volume }, text };
  }
  const where = writeBack === undefined ? 'in the image that is kept' : 'in a snapshot that is kept';
  const code = writeBack === undefined ? 'stays-in-image' : 'stays-in-snapshot';
  const text = `it stays ${where}, for ${undoDays} days; after that it is gone`;
  return { code, params: { days: undoDays }, text };
}

async function ownLink({ catalog }: Deps, { linkIds }: RestoreDiskPlan): Promise<LinkManifest | undefined> {
  return (await catalog.plans.chainOf(linkIds.at(-1) ?? '')).at(-1);
}

/** The image that is in the disk's place now; undefined when there is none. */
async function findImage(
  { cloud }: Deps,
  { disk, swap, writeBack, replacement }: RestoreDiskPlan,
  projectId: string | null,
): Promise<{ location: ImageLocation } | undefined> {
  const target = swap?.target ?? writeBack?.target;
  if (target !== undefined) return { location: target };
  if (replacement === undefined || projectId === null) return { location: disk.location };
  return await cloud.volumeNow(projectId, replacement.oldVolumeId);
}

/** I3: a snapshot counts only with the recorded id on the recorded image; undefined without it, or when it takes too long. */
async function changedSince(
  { rbd }: Deps,
  location: ImageLocation | undefined,
  { source, toSnapshot }: LinkManifest,
): Promise<number | undefined> {
  if (location === undefined) return undefined;
  const image = await rbd.findImage(location);
  if (image?.imageId !== source.imageId) return undefined;
  const snapshots = await rbd.listSnapshots(location);
  if (!snapshots.some(({ name, id }) => name === toSnapshot.name && id === toSnapshot.id)) return undefined;
  const signal = AbortSignal.timeout(patienceMs);
  try {
    return await rbd.changedBytes(location, { fromSnapshot: toSnapshot.name, signal });
  } catch (error) {
    if (signal.aborted && error instanceof AppError && error.code === 'CANCELLED_COMMAND') return undefined;
    throw error;
  }
}
