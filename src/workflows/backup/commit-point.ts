import { AppError } from '../../base/errors.ts';
import { retry } from '../../base/retry.ts';
import { formatVersion, type LinkManifest, type PointManifest } from '../../domain/manifest.ts';
import type { JobContext } from '../job-context.ts';
import type { BackupDeps } from './deps.ts';
import type { BackupPlan, DiskPlan, TakenSnapshot } from './plan.ts';

type Deps = Pick<BackupDeps, 'store' | 'catalog'>;

/** I1: all links are durable by now; the point's manifest comes next, the catalog's rows last. */
export async function commitPoint(
  deps: Deps,
  plan: BackupPlan,
  links: LinkManifest[],
  context: JobContext<BackupPlan>,
): Promise<BackupPlan> {
  const manifest = pointManifest(plan, deps.store.storeId);
  await deps.store.writePoint(manifest);
  await context.record('point stored', plan);
  // An answer that was lost says nothing of the commit, and a repeated commit changes nothing: so it is asked again.
  await retry(() => deps.catalog.commitPoint(context.jobId, manifest, links), {
    attempts: 10,
    firstDelayMs: 200,
    maxDelayMs: 5_000,
    signal: context.signal,
    shouldRetry: (error) => error instanceof AppError && error.retryable,
  });
  const committed = { ...plan, committed: true };
  await context.record('point committed', committed);
  return committed;
}

function pointManifest(plan: BackupPlan, storeId: string): PointManifest {
  const snapshots = plan.disks.map(takenSnapshot);
  const firstMs = Math.min(...snapshots.map(({ startedMs }) => startedMs));
  return {
    format: 'emberkeep-point',
    version: formatVersion,
    pointId: plan.pointId,
    storeId,
    kind: plan.kind,
    sourceId: plan.sourceId,
    sourceName: plan.sourceName,
    projectId: plan.projectId,
    takenAt: new Date(firstMs).toISOString(),
    spreadMs: Math.max(...snapshots.map(({ finishedMs }) => finishedMs)) - firstMs,
    consistency: plan.consistency ?? 'crash',
    ...(plan.pausedMs === undefined ? {} : { pausedMs: plan.pausedMs }),
    ...(plan.instance === undefined ? {} : { instance: plan.instance }),
    disks: plan.disks.map((disk) => ({
      disk: disk.disk,
      linkId: disk.linkId,
      sizeBytes: takenSnapshot(disk).source.sizeBytes,
    })),
  };
}

function takenSnapshot({ disk, snapshot }: DiskPlan): TakenSnapshot {
  if (snapshot !== undefined) return snapshot;
  throw new AppError('BUG_NO_SNAPSHOT', `${disk.key} has no snapshot at the end of the backup`);
}
