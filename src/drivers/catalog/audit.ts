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
  });
}

/** Newest first. */
export async function listAudit(sql: Sql, filter: AuditFilter = {}): Promise<AuditRow[]> {
  const query = sql(table).orderBy('id', 'desc').limit(limitOf(filter.limit));
  if (filter.since !== undefined) query.where('at', '>=', filter.since);
  if (filter.before !== undefined) query.where('at', '<', filter.before);
  if (filter.action !== undefined) query.where('action', filter.action);
  if (filter.beforeId !== undefined) query.where('id', '<', filter.beforeId);
  return ((await query) as Columns<AuditRow>[]).map(toAuditRow);
}
