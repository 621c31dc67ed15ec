import type { Sql } from './connect.ts';
import { limitOf } from './page.ts';
import { toAuditRow, toJson, type Columns } from './rows.ts';
import type { AuditFilter, AuditRow, NewAudit } from './types.ts';

const table = 'emberkeep.audit';

/** Adds to the audit trail; the database itself refuses to change or remove what is in it. */
export async function appendAudit(sql: Sql, entry: NewAudit): Promise<void> {
  await sql(table).insert({
    actor: toJson(entry.actor),
    action: entry.action,
    target: toJson(entry.target),
    result: entry.result,
    request_id: entry.requestId ?? null,
    project_id: entry.projectId ?? null,
  });
}

/** Newest first. */
export async function listAudit(sql: Sql, filter: AuditFilter = {}): Promise<AuditRow[]> {
  const { since, before, action, result, userId, projectId, requestId, beforeId } = filter;
  const query = sql(table).orderBy('id', 'desc').limit(limitOf(filter.limit));
  if (since !== undefined) query.where('at', '>=', since);
  if (before !== undefined) query.where('at', '<', before);
  if (action !== undefined) query.where('action', action);
  if (result !== undefined) query.where('result', result);
  if (userId !== undefined) query.whereRaw(`actor ->> 'userId' = ?`, [userId]);
  if (projectId !== undefined) query.where('project_id', projectId);
  if (requestId !== undefined) query.where('request_id', requestId);
  if (beforeId !== undefined) query.where('id', '<', beforeId);
  return ((await query) as Columns<AuditRow>[]).map(toAuditRow);
}
