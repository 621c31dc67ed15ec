import { AppError } from '../../base/errors.ts';
import type { Sql } from './connect.ts';
import { limitOf } from './page.ts';
import { toAuditRow, toJson, type Columns } from './rows.ts';
import type { AuditFilter, AuditRow, NewAudit } from './types.ts';

const table = 'emberkeep.audit';

/** Adds to the audit trail; the database itself refuses to change or remove what is in it. */
export async function appendAudit(sql: Sql, entry: NewAudit): Promise<void> {
  await appendAuditOf(sql, [entry]);
}

/** The same for several, in their order. */
export async function appendAuditOf(sql: Sql, entries: readonly NewAudit[]): Promise<void> {
  await sql(table).insert(
    entries.map((entry) => ({
      actor: toJson(entry.actor),
      action: entry.action,
      target: toJson(entry.target),
      result: entry.result,
      request_id: entry.requestId ?? null,
      project_id: entry.projectId ?? null,
    })),
  );
}

/**
 * Newest first unless told; of two entries of one instant the one with the later id. A marker that the filter hides is as unknown as
 * one that never was (I7).
 *
 * @throws INPUT_MARKER_UNKNOWN.
 */
export async function listAudit(sql: Sql, filter: AuditFilter = {}): Promise<AuditRow[]> {
  const { since, before, action, result, userId, projectId, requestId, afterId, order = 'desc' } = filter;
  const query = sql(table);
  if (since !== undefined) query.where('at', '>=', since);
  if (before !== undefined) query.where('at', '<', before);
  if (action !== undefined) query.where('action', action);
  if (result !== undefined) query.where('result', result);
  if (userId !== undefined) query.whereRaw(`actor ->> 'userId' = ?`, [userId]);
  if (projectId !== undefined) query.where('project_id', projectId);
  if (requestId !== undefined) query.where('request_id', requestId);
  if (afterId !== undefined) {
    const marker = query.clone().where('id', afterId);
    if ((await marker.clone().first('id')) === undefined)
      throw new AppError(
        'INPUT_MARKER_UNKNOWN',
        `There is no entry ${afterId} to list after: drop the marker.`,
      );
    query.whereRaw(`(at, id) ${order === 'asc' ? '>' : '<'} (?)`, [marker.select('at', 'id')]);
  }
  const rows = (await query
    .select('*')
    .orderBy([
      { column: 'at', order },
      { column: 'id', order },
    ])
    .limit(limitOf(filter.limit))) as Columns<AuditRow>[];
  return rows.map(toAuditRow);
}
