/** Approving, rejecting and withdrawing restores that wait. */
import { AppError } from '../../base/errors.ts';
import { isUuid } from '../../base/ids.ts';
import { authorize, notFound, type Caller } from '../../domain/access.ts';
import type { RestoreRow } from '../../drivers/catalog/types.ts';
import { auditEntry, requesterOf } from '../audit-entry.ts';
import { submitJob } from '../submit-job.ts';
import type { ApprovalDeps } from './deps.ts';

/**
 * Lets it begin, as the job that its asker would have got. Job, decision and work order become visible together, and of
 * two decisions at once one is refused (I9).
 *
 * @throws FORBIDDEN_OWN_REQUEST, CONFLICT_NOT_PENDING, CONFLICT_POINT_GONE.
 */
export async function approveRestore(
  deps: ApprovalDeps,
  caller: Caller,
  restoreId: string,
  reason: string | undefined,
): Promise<void> {
  const row = await pendingRestore(deps, caller, restoreId);
  const { requestedBy } = row;
  const projectId = row.projectId ?? null;
  authorize(caller, 'approve', projectId, whatIs(restoreId));
  if (requestedBy?.userId === caller.userId) {
    throw new AppError(
      'FORBIDDEN_OWN_REQUEST',
      `you asked for restore ${restoreId} yourself; another administrator has to approve it`,
    );
  }
  assertPending(row);
  await assertPoint(deps, row);
  const submission = {
    kind: 'restore',
    projectId,
    target: row.options,
    requestedBy,
    action: 'restore.approve',
    facts: { reason, askedBy: requestedBy?.userId },
  } as const;
  await submitJob(deps, caller, submission, async (tx, jobId) => {
    const approved = await tx.approvals.approve(restoreId, jobId, { by: requesterOf(caller), reason });
    if (approved === undefined) throw noLongerPending(restoreId);
  });
}

/** @throws CONFLICT_NOT_PENDING. */
export async function rejectRestore(
  deps: ApprovalDeps,
  caller: Caller,
  restoreId: string,
  reason: string,
): Promise<void> {
  const row = await pendingRestore(deps, caller, restoreId);
  authorize(caller, 'approve', row.projectId ?? null, whatIs(restoreId));
  await decline(deps, caller, row, { state: 'rejected', action: 'restore.reject', reason });
}

/** @throws FORBIDDEN_NOT_ASKER, CONFLICT_NOT_PENDING. */
export async function withdrawRestore(
  deps: ApprovalDeps,
  caller: Caller,
  restoreId: string,
  reason: string | undefined,
): Promise<void> {
  const row = await pendingRestore(deps, caller, restoreId);
  authorize(caller, 'cancel', row.projectId ?? null, whatIs(restoreId));
  if (row.requestedBy?.userId !== caller.userId) {
    throw new AppError(
      'FORBIDDEN_NOT_ASKER',
      `restore ${restoreId} was asked for by ${row.requestedBy?.userName ?? 'somebody else'}, who alone can withdraw it; an administrator can reject it`,
    );
  }
  await decline(deps, caller, row, { state: 'cancelled', action: 'restore.cancel', reason });
}

/** Those whose time is over; they never run. To be called before anybody looks at them. */
export async function expireApprovals({ catalog }: Pick<ApprovalDeps, 'catalog'>): Promise<void> {
  await catalog.transaction(async (tx) => {
    for (const { id, projectId, pointId, mode } of await tx.approvals.expire(1000)) {
      await tx.audit.append({
        actor: { userId: 'emberkeep', userName: 'emberkeep' },
        action: 'restore.expire',
        target: { restoreId: id, pointId, mode },
        result: 'expired',
        projectId,
      });
    }
  });
}

async function decline(
  { catalog }: ApprovalDeps,
  caller: Caller,
  { id, projectId, pointId, mode, ...row }: RestoreRow,
  { state, action, reason }: { state: 'rejected' | 'cancelled'; action: string; reason: string | undefined },
): Promise<void> {
  assertPending({ id, ...row });
  await catalog.transaction(async (tx) => {
    const declined = await tx.approvals.decline(id, state, { by: requesterOf(caller), reason });
    if (declined === undefined) throw noLongerPending(id);
    const target = { restoreId: id, pointId, mode, reason };
    await tx.audit.append(auditEntry(caller, { action, target, projectId: projectId ?? null }));
  });
}

/** I7: one of another project answers as one that does not exist. */
async function pendingRestore(deps: ApprovalDeps, caller: Caller, restoreId: string): Promise<RestoreRow> {
  await expireApprovals(deps);
  const row = isUuid(restoreId) ? await deps.catalog.restores.get(restoreId) : undefined;
  if (row === undefined) throw notFound(whatIs(restoreId));
  authorize(caller, 'read', row.projectId ?? null, whatIs(restoreId));
  return row;
}

function whatIs(restoreId: string): string {
  return `restore "${restoreId}"`;
}

function assertPending({ id, state, pendingUntil }: Pick<RestoreRow, 'id' | 'state' | 'pendingUntil'>): void {
  if (state === 'pending') return;
  throw new AppError(
    'CONFLICT_NOT_PENDING',
    pendingUntil === undefined
      ? `restore ${id} needed no approval, so there is nothing to decide`
      : `restore ${id} does not wait for an approval any more: it was ${state === 'queued' ? 'approved' : state === 'cancelled' ? 'withdrawn' : state}`,
  );
}

function noLongerPending(id: string): AppError {
  return new AppError(
    'CONFLICT_NOT_PENDING',
    `restore ${id} was decided by somebody else, or expired, just now; look at it again`,
  );
}

async function assertPoint({ catalog }: ApprovalDeps, { pointId }: RestoreRow): Promise<void> {
  const point = await catalog.points.get(pointId);
  if (point?.state === 'complete') return;
  throw new AppError(
    'CONFLICT_POINT_GONE',
    `point ${pointId} is ${point?.state ?? 'gone'} since the restore was asked for; reject it, and ask for another point`,
  );
}
