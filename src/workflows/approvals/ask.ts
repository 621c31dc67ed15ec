/** The gate in front of restores: what a project allows its tenants, and restores that must wait. */
import type { Caller } from '../../domain/access.ts';
import { needsApproval, usualSettings } from '../../domain/project-settings.ts';
import type { RestoreMode } from '../../domain/restore.ts';
import type { PointRow, RestoreRow } from '../../drivers/catalog/types.ts';
import { auditEntry, requesterOf } from '../audit-entry.ts';
import type { ApprovalDeps } from './deps.ts';

/** Whether the caller's restore must wait; throws FORBIDDEN_RESTORES. What belongs to nobody only administrators reach. */
export async function mustBeApproved(
  { catalog }: Pick<ApprovalDeps, 'catalog'>,
  caller: Caller,
  projectId: string | null,
  mode: RestoreMode,
): Promise<boolean> {
  if (projectId === null) return false;
  const settings = (await catalog.projects.get(projectId)) ?? usualSettings(projectId);
  return needsApproval(caller, settings, mode);
}

export interface AskedRestore {
  id: string;
  point: Pick<PointRow, 'id' | 'projectId'>;
  mode: RestoreMode;
  target: object;
}

export async function askForApproval(
  { catalog, approvalHours }: Pick<ApprovalDeps, 'catalog' | 'approvalHours'>,
  caller: Caller,
  { id, point, mode, target }: AskedRestore,
): Promise<RestoreRow> {
  const { id: pointId, projectId } = point;
  return await catalog.transaction(async (tx) => {
    const row = await tx.approvals.ask({
      id,
      pointId,
      mode,
      projectId,
      options: { ...target },
      requestedBy: requesterOf(caller),
      hours: approvalHours,
    });
    await tx.audit.append(
      auditEntry(caller, {
        action: 'restore.ask',
        target: { ...target, pendingUntil: row.pendingUntil },
        projectId: projectId ?? null,
      }),
    );
    return row;
  });
}
