import { AppError } from '../../base/errors.ts';
import type { PointKind } from '../../domain/manifest.ts';
import type { Sql } from './connect.ts';
import { toPointRow, type PointRecord } from './rows.ts';
import type { PointRow } from './types.ts';

/** Sources by their newest complete point. */
export interface LatestFilter {
  kind: PointKind;
  projectId?: string | undefined;
  sourceName?: string | undefined;
  limit: number;
  /** Id of the source after which to go on. */
  after?: string | undefined;
}

/**
 * The newest complete point of every source, newest first, some sources at a time.
 *
 * @throws INPUT_MARKER_UNKNOWN when the filter does not let the source through that is to be gone on after (I7).
 */
export async function latestPointsBySource(sql: Sql, filter: LatestFilter): Promise<PointRow[]> {
  const { kind, projectId, sourceName, limit, after } = filter;
  const latest = sql('emberkeep.points')
    .distinctOn('source_id')
    .where({ kind, state: 'complete' })
    .orderBy([{ column: 'source_id' }, { column: 'taken_at', order: 'desc' }]);
  if (projectId !== undefined) latest.where('project_id', projectId);
  if (sourceName !== undefined) latest.where('source_name', sourceName);
  const query = sql.with('latest', latest).from('latest');
  if (after !== undefined) {
    const anchor = sql('latest').where('source_id', after);
    const found = (await query.clone().where('source_id', after).first('id')) as unknown;
    if (found === undefined)
      throw new AppError(
        'INPUT_MARKER_UNKNOWN',
        `There is no entry ${after} to list after: drop the marker.`,
      );
    query.whereRaw('(taken_at, source_id) < (?)', [anchor.select('taken_at', 'source_id')]);
  }
  const rows = (await query
    .select('*')
    .orderBy([
      { column: 'taken_at', order: 'desc' },
      { column: 'source_id', order: 'desc' },
    ])
    .limit(limit)) as PointRecord[];
  return rows.map(toPointRow);
}
