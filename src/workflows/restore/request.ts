import { AppError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { authorize, notFound, visibleProject, type Caller } from '../../domain/access.ts';
import type { PointSelector, RestoreMode, RestoreRequest } from '../../domain/restore.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { PointRow, RestoreRow } from '../../drivers/catalog/types.ts';
import type { Restore } from '../operations.ts';
import { requesterOf } from '../audit-entry.ts';
import { submitJob, type SubmitDeps } from '../submit-job.ts';
import { Findings } from './findings.ts';
import { notInstance } from './instance/select.ts';
import type { RestoreOptions } from './make-plan.ts';
import { gatherDisks } from './select-disks.ts';
import { toRestore } from './list-restores.ts';

export interface RestoreRequestDeps extends SubmitDeps {
  catalog: Pick<Catalog, 'transaction' | 'points'>;
  gate: RestoreGate;
}

/** What a project allows its tenants; workflows/approvals. */
export interface RestoreGate {
  /** Whether it must wait for an approval; throws FORBIDDEN_RESTORES. */
  needsApproval(caller: Caller, projectId: string | null, mode: RestoreMode): Promise<boolean>;
  /** Writes it down as one that waits. */
  ask(caller: Caller, restore: PendingRestore): Promise<RestoreRow>;
}

export interface PendingRestore {
  id: string;
  point: Pick<PointRow, 'id' | 'projectId'>;
  mode: RestoreMode;
  target: RestoreJobTarget;
}

/** What a restore job's row holds as its target. */
export type RestoreJobTarget = Omit<RestoreOptions, 'name' | 'callerProjectId'> & {
  /** Whose point it is, for people. */
  sourceName: string;
  name: string | null;
  callerProjectId: string | null;
};

export async function requestRestore(
  deps: RestoreRequestDeps,
  caller: Caller,
  request: RestoreRequest,
): Promise<Restore> {
  const point = await choosePoint(deps.catalog, caller, request);
  const projectId = point.projectId ?? null;
  const mustWait = await deps.gate.needsApproval(caller, projectId, request.mode);
  const findings = new Findings();
  checkRequest(point, request, findings);
  const disks = gatherDisks(point.manifest.disks, request.mode, request.disks, findings);
  findings.settle(`a restore of point ${point.id} with mode ${request.mode}`);
  const target = targetOf(point, caller, {
    ...request,
    disks: disks.map(({ disk }) => disk.key),
  });
  const { restoreId } = target;
  if (mustWait) {
    const pending = { id: restoreId, point, mode: request.mode, target };
    return toRestore(await deps.gate.ask(caller, pending), undefined);
  }
  let row: RestoreRow | undefined;
  await submitJob(deps, caller, { kind: 'restore', projectId, target: { ...target } }, async (tx, jobId) => {
    row = await tx.restores.insert({
      id: restoreId,
      jobId,
      pointId: point.id,
      mode: request.mode,
      projectId: projectId ?? undefined,
      options: { ...target },
      requestedBy: requesterOf(caller),
    });
  });
  if (row === undefined) throw new AppError('BUG_RESTORE_ROW', 'the restore was not written');
  return toRestore(row, undefined);
}

/** The point that is meant, if the caller may restore it, and it is not damaged. */
export async function choosePoint(
  catalog: Pick<Catalog, 'points'>,
  caller: Caller,
  request: Pick<RestoreRequest, 'point'>,
): Promise<PointRow> {
  const point = await selectPoint(catalog, caller, request.point);
  authorize(caller, 'restore', point.projectId ?? null, `point "${point.id}"`);
  if (point.state !== 'damaged') return point;
  throw new AppError(
    'INTEGRITY_POINT_DAMAGED',
    `point ${point.id} is damaged (${point.damagedReason ?? 'see its links'}); restore another one`,
  );
}

/** What stands against the request whatever the cloud says. */
export function checkRequest(
  { manifest }: Pick<PointRow, 'manifest'>,
  { mode, name }: Pick<RestoreRequest, 'mode' | 'name'>,
  findings: Findings,
): void {
  if (mode === 'instance' && manifest.instance === undefined) findings.refuse(notInstance(manifest));
  if (mode === 'in-place' && name !== undefined) {
    findings.refuse(
      new AppError(
        'INPUT_NAME',
        'mode in-place makes nothing new that could have a name; leave the name out',
      ),
    );
  }
}

/** What the restore's job would get, under a new id. */
export function targetOf(
  point: Pick<PointRow, 'id' | 'sourceName'>,
  caller: Caller,
  request: RestoreRequest,
): RestoreJobTarget {
  return {
    restoreId: newId(),
    pointId: point.id,
    sourceName: point.sourceName,
    mode: request.mode,
    disks: request.disks,
    name: request.name ?? null,
    ...(request.plain ? { plain: true } : {}),
    callerProjectId: caller.projectId ?? null,
    ...(request.mode === 'instance' ? { callerUserId: caller.userId, instance: request.instance } : {}),
  };
}

/** As the workflow takes it. */
export function toRestoreOptions({ name, callerProjectId, ...target }: RestoreJobTarget): RestoreOptions {
  return { ...target, name: name ?? undefined, callerProjectId: callerProjectId ?? undefined };
}

async function selectPoint(
  { points }: Pick<Catalog, 'points'>,
  caller: Caller,
  selector: PointSelector,
): Promise<PointRow> {
  if ('pointId' in selector) {
    const row = await points.get(selector.pointId);
    if (row === undefined || row.state === 'deleted') throw notFound(`point "${selector.pointId}"`);
    authorize(caller, 'read', row.projectId ?? null, `point "${selector.pointId}"`);
    return row;
  }
  return await newestOf(points, caller, selector);
}

/** By the points' own record, so that instances and volumes that are gone can be named too. */
async function newestOf(
  points: Catalog['points'],
  caller: Caller,
  { sourceKind, nameOrId, at }: Exclude<PointSelector, { pointId: string }>,
): Promise<PointRow> {
  const projectId = visibleProject(caller);
  const filter = { kind: sourceKind, projectId, states: ['complete' as const] };
  const [byId, byName] = [
    await points.list({ ...filter, sourceId: nameOrId }),
    await points.list({ ...filter, sourceName: nameOrId }),
  ];
  const all = byId.length > 0 ? byId : byName;
  const sources = new Set(all.map(({ sourceId }) => sourceId));
  if (sources.size > 1) {
    throw new AppError(
      'INPUT_AMBIGUOUS',
      `there are points of ${sources.size} ${sourceKind}s named "${nameOrId}"; use one of their ids: ${[...sources].join(', ')}`,
    );
  }
  if (all.length === 0) throw notFound(`a point of ${sourceKind} "${nameOrId}"`);
  const point = at === 'latest' ? all[0] : all.find(({ takenAt }) => takenAt <= at);
  if (point !== undefined) return point;
  const first = all.at(-1)?.takenAt.toISOString() ?? '';
  throw new AppError(
    'NOTFOUND_POINT',
    `${sourceKind} "${nameOrId}" has no point at or before ${at === 'latest' ? at : at.toISOString()}; its first is of ${first}`,
  );
}
