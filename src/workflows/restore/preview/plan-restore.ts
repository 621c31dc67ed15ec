/**
 * What a restore would do if it were asked for now. Nothing is written anywhere: not to the cloud, the store, the catalog
 * or the queue. The plan is the one that a run makes, made by the same code (make-plan.ts).
 */
import { humanDuration } from '../../../base/duration.ts';
import type { Caller } from '../../../domain/access.ts';
import { estimateMs, median } from '../../../domain/estimate.ts';
import type { PlannedDuration, PlannedRestore } from '../../../domain/planned-restore.ts';
import { isDestructive, type RestoreMode, type RestoreRequest } from '../../../domain/restore.ts';
import type { PointRow } from '../../../drivers/catalog/types.ts';
import { Findings } from '../findings.ts';
import { draftPlan } from '../make-plan.ts';
import { checkRequest, choosePoint, targetOf, toRestoreOptions, type RestoreJobTarget } from '../request.ts';
import type { PreviewDeps } from './deps.ts';
import { findLosses } from './find-losses.ts';
import { listSteps } from './list-steps.ts';
import { measureDisks } from './measure-disks.ts';

export async function planRestore(
  deps: PreviewDeps,
  caller: Caller,
  request: RestoreRequest,
): Promise<PlannedRestore> {
  const row = await choosePoint(deps.catalog, caller, request);
  return await planFor(deps, caller, row, targetOf(row, caller, request));
}

/** The same for what a job would get; `caller` is who looks. */
export async function planFor(
  deps: PreviewDeps,
  caller: Caller,
  row: PointRow,
  target: RestoreJobTarget,
): Promise<PlannedRestore> {
  const findings = new Findings();
  const { mode } = target;
  checkRequest(row, { mode, name: target.name ?? undefined }, findings);
  const options = toRestoreOptions(target);
  const { rbd, cloud, instances, backupsPool } = deps;
  const drafted = { catalog: deps.catalog.plans, rbd, cloud, instances, backupsPool };
  const { point, plan } = await draftPlan(drafted, options, findings);
  const possible = findings.problems.length === 0;
  const disks = await measureDisks(deps, plan, row.storeId);
  const writtenBytes = disks.reduce((sum, disk) => sum + disk.writtenBytes, 0);
  const duration = await estimate(deps, caller, mode, writtenBytes);
  const { undoDays } = deps;
  const { stoppedMs } = duration;
  const offFor = stoppedMs === undefined ? undefined : humanDuration(stoppedMs);
  const offSeconds = stoppedMs === undefined ? undefined : Math.round(stoppedMs / 1000);
  return {
    pointId: row.id,
    kind: row.kind,
    sourceName: row.sourceName,
    projectId: row.projectId ?? null,
    takenAt: row.takenAt,
    mode,
    possible,
    problems: findings.problems,
    steps: possible ? listSteps(plan, { disks, undoDays, offFor, offSeconds, instance: point.instance }) : [],
    disks,
    readBytes: disks.reduce((sum, disk) => sum + disk.readBytes, 0),
    writtenBytes,
    duration,
    losses: possible ? await findLosses(deps, plan, row.projectId ?? null) : [],
    undoDays: isDestructive(mode) ? undoDays : undefined,
    laterPointAt: await laterPoint(deps, row),
    notes: [...new Set([...findings.notes, ...plan.disks.flatMap(({ notes }) => notes)])],
  };
}

/** From this mode's own restores; a tenant's from those of its project (I7). */
async function estimate(
  { catalog }: PreviewDeps,
  caller: Caller,
  mode: RestoreMode,
  bytes: number,
): Promise<PlannedDuration> {
  const projectId = caller.isAdmin ? undefined : (caller.projectId ?? '');
  const timings = await catalog.timings({ mode, projectId });
  const samples = timings.map(({ importedBytes, durationMs }) => ({ bytes: importedBytes, durationMs }));
  const stops = timings.flatMap(({ stoppedMs }) => (stoppedMs === undefined ? [] : [stoppedMs]));
  return { durationMs: estimateMs(samples, bytes), stoppedMs: median(stops), restores: timings.length };
}

/** The newest of the points that were taken later, all of which stay. */
async function laterPoint(
  { catalog }: PreviewDeps,
  { kind, sourceId, takenAt }: PointRow,
): Promise<Date | undefined> {
  const newest = await catalog.points.latestFor({ kind, sourceId });
  return newest !== undefined && newest.takenAt > takenAt ? newest.takenAt : undefined;
}
