import type { Caller } from '../domain/access.ts';
import type { Requester } from '../domain/job.ts';
import type { JsonObject, NewAudit } from '../drivers/catalog/types.ts';

export interface AuditedAct {
  /** Such as `restore.approve`. */
  action: string;
  target: JsonObject;
  /** Whose thing it is about. */
  projectId: string | null;
  result?: 'allowed' | 'refused';
}

/** Who did it, from where, under which request: an entry for the audit trail. */
export function auditEntry(
  caller: Caller,
  { action, target, projectId, result = 'allowed' }: AuditedAct,
): NewAudit {
  return {
    actor: { ...requesterOf(caller), address: caller.address },
    action,
    target,
    result,
    requestId: caller.requestId,
    projectId: projectId ?? undefined,
  };
}

export function requesterOf(caller: Caller): Requester {
  const { userId, userName, projectId, projectName, roles } = caller;
  return { userId, userName, projectId, projectName, roles };
}
