import { isFinishedJob } from '../../domain/job.ts';
import { markOf, restoreMark } from '../../domain/restore-mark.ts';
import type { ImageLocation } from '../../domain/disk.ts';
import type { JobRow } from '../../drivers/catalog/types.ts';
import { isNamedByLiveJob } from './live-jobs.ts';
import type { ReconcileDeps } from './deps.ts';

/** The parts of a restore's plan that say what it made; the rows hold what its workflow wrote. */
export interface RecordedDisk {
  disk?: { key?: string };
  fresh?: ImageLocation;
  abandoned?: ImageLocation[];
  volume?: {
    projectId: string;
    name: string;
    location: ImageLocation;
    newVolumeId?: string;
  };
  writeBack?: { begun?: { imageId: string; safety: string; before: string } };
}

export interface EndedRestore {
  restoreId: string;
  job: JobRow;
  disks: RecordedDisk[];
  /** Of whoever works on it, or on its disks. */
  locks: string[];
}

type Deps = Pick<ReconcileDeps, 'catalog'>;

/**
 * A restore of our own catalog whose job has ended, and that no job which waits or runs names; undefined for any other.
 * What another service with another catalog restores into the same pool is so never taken for ours.
 */
export async function endedRestore(deps: Deps, restoreId: string): Promise<EndedRestore | undefined> {
  const row = await deps.catalog.restores.get(restoreId);
  const job = row === undefined ? undefined : await deps.catalog.jobs.get(row.jobId);
  if (job === undefined || !isFinishedJob(job.state)) return undefined;
  if (await isNamedByLiveJob(deps, restoreId)) return undefined;
  const { disks } = job.plan as { disks?: RecordedDisk[] };
  const recorded = disks ?? [];
  const keys = recorded.flatMap(({ disk }) => (disk?.key === undefined ? [] : [`restore:${disk.key}`]));
  return { restoreId, job, disks: recorded, locks: [`job:${job.id}`, ...keys] };
}

/** Neither failed nor cancelled: what it made is its result's. */
export function hasSucceeded({ job }: EndedRestore): boolean {
  return job.state === 'succeeded';
}

/** Its mark; or none yet under a name that the plan had recorded before it was made. */
export async function isMarkedBy(
  { rbd }: Pick<ReconcileDeps, 'rbd'>,
  { restoreId, disks }: EndedRestore,
  at: ImageLocation,
): Promise<boolean> {
  const mark = await rbd.readImageMark(at, restoreMark);
  if (mark !== undefined) return mark === markOf(restoreId, at);
  return disks.some(({ fresh, abandoned = [], volume }) =>
    [fresh, ...abandoned, volume?.location].some((planned) => isSame(planned, at)),
  );
}

export function isSame(one: ImageLocation | undefined, other: ImageLocation): boolean {
  return one?.cluster === other.cluster && one.pool === other.pool && one.image === other.image;
}
