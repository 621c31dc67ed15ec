/** The catalog as an undo knows it: what a restore did is in the plan of its job. */
import { AppError, describeError } from '../base/errors.ts';
import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { Rbd } from '../drivers/ceph/rbd.ts';
import type { HalfWrittenDisk } from '../workflows/backup/deps.ts';
import type { JobContext } from '../workflows/job-context.ts';
import type { RestoreDiskPlan, RestorePlan } from '../workflows/restore/plan.ts';
import type { ExpireUndoDeps, UndoDeps } from '../workflows/restore/undo-job/deps.ts';
import { expireUndo, findExpiredUndo } from '../workflows/restore/undo-job/expire-undo.ts';
import type { UndoPlan } from '../workflows/restore/undo-job/plan.ts';

export function undoCatalog(catalog: Catalog): UndoDeps['catalog'] {
  return {
    planOf: (restoreId) => planOf(catalog, restoreId),
    planOfUndo: async (jobId) => {
      const plan = (await catalog.jobs.get(jobId))?.plan;
      return Array.isArray(plan?.['disks']) ? (plan as unknown as UndoPlan) : undefined;
    },
    done: (restoreId) => catalog.undo.done(restoreId),
  };
}

export function expireUndoDeps(catalog: Catalog, rbd: Rbd): ExpireUndoDeps {
  return {
    rbd,
    catalog: {
      planOf: (restoreId) => planOf(catalog, restoreId),
      expired: (limit) => catalog.undo.expired(limit),
      release: (restoreId) => catalog.undo.release(restoreId),
      ownsSnapshot: (name) => catalog.links.ownsSnapshot(name),
      isRestore: async (id) => id !== undefined && (await catalog.restores.get(id)) !== undefined,
      snapshotReleased: (name) => catalog.links.snapshotReleased(name),
    },
  };
}

/** At the end of a job that went well; what cannot be removed now is said, and tried again after the next one. */
export async function expireUndos(
  deps: ExpireUndoDeps,
  context: Pick<JobContext<unknown>, 'note'>,
): Promise<void> {
  try {
    for (const restore of await findExpiredUndo(deps)) {
      await expireUndo(deps, restore).catch((error: unknown) => context.note(describeError(error)));
    }
  } catch (error) {
    await context.note(`what earlier restores keep could not be looked at: ${describeError(error)}`);
  }
}

async function planOf(catalog: Pick<Catalog, 'jobs' | 'restores'>, restoreId: string): Promise<RestorePlan> {
  const restore = await catalog.restores.get(restoreId);
  const job = restore && (await catalog.jobs.get(restore.jobId));
  if (job !== undefined && Array.isArray(job.plan['disks'])) return job.plan as unknown as RestorePlan;
  throw new AppError('NOTFOUND_RESTORE', `the catalog has no plan of restore ${restoreId}`);
}

/** The job that has begun to change one of the disks in place, and has not ended; other than this one. */
export async function changingInPlace(
  catalog: Pick<Catalog, 'jobs'>,
  diskKeys: readonly string[],
  jobId: string,
): Promise<string | undefined> {
  return await unfinishedChange(catalog, ({ id, disk, swap, writeBack }) => {
    const isBegun = swap?.ids !== undefined || writeBack?.begun !== undefined;
    return id !== jobId && isBegun && diskKeys.includes(disk.key);
  });
}

/** The same, but only one that writes into the disk's own image. */
export async function writingBack(
  catalog: Pick<Catalog, 'jobs'>,
  diskKeys: readonly string[],
): Promise<string | undefined> {
  return await unfinishedChange(
    catalog,
    ({ disk, writeBack }) => writeBack?.begun !== undefined && diskKeys.includes(disk.key),
  );
}

/** What restores of these disks wrote into, and could neither finish nor take back. */
export async function halfWritten(
  catalog: Pick<Catalog, 'jobs' | 'restores' | 'undo'>,
  diskKeys: readonly string[],
): Promise<HalfWrittenDisk[]> {
  const found: HalfWrittenDisk[] = [];
  for (const { id: restoreId } of await catalog.undo.halfDone(diskKeys)) {
    for (const { disk, writeBack } of (await planOf(catalog, restoreId)).disks) {
      if (writeBack?.begun === undefined || !diskKeys.includes(disk.key)) continue;
      found.push({ restoreId, target: writeBack.target, safety: writeBack.begun.safety });
    }
  }
  return found;
}

async function unfinishedChange(
  { jobs }: Pick<Catalog, 'jobs'>,
  isMeant: (disk: RestoreDiskPlan & { id: string }) => boolean,
): Promise<string | undefined> {
  const found = (await jobs.unfinished()).find(({ id, kind, state, plan }) => {
    if (state !== 'running' || !['restore', 'undo'].includes(kind)) return false;
    const { mode, disks = [] } = plan as unknown as Partial<RestorePlan>;
    return mode === 'in-place' && disks.some((disk) => isMeant({ ...disk, id }));
  });
  return found?.id;
}
