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
  /** Part of the source's name, in upper or lower case. */
  search?: string | undefined;
  limit: number;
  /** Id of the source after which to go on. */
  after?: string | undefined;
}

/**
 * The newest complete point of every source, newest first, some sources at a time. What it costs follows from the number
 * of sources, not of points: migration 0011 keeps the newest point of each.
 *
 * @throws INPUT_MARKER_UNKNOWN when the filter does not let the source through that is to be gone on after (I7).
 */
export async function latestPointsBySource(sql: Sql, filter: LatestFilter): Promise<PointRow[]> {
  const { kind, projectId, sourceName, search, limit, after } = filter;
  // A source that changed its project is there once for each.
  const latest = sql('emberkeep.point_sources')
    .distinctOn('source_id')
    .select('source_id', 'newest_point_id', 'newest_taken_at')
    .where({ kind })
    .whereNotNull('newest_point_id')
    .orderBy([{ column: 'source_id' }, { column: 'newest_taken_at', order: 'desc' }]);
  if (projectId !== undefined) latest.where('project_id', projectId);
  const query = sql
    .with('latest', latest)
    .from('latest')
    .join('emberkeep.points as points', 'points.id', 'latest.newest_point_id');
  if (sourceName !== undefined) query.where('points.source_name', sourceName);
  if (search !== undefined) query.whereRaw('strpos(lower(points.source_name), lower(?)) > 0', [search]);
  if (after !== undefined) {
    const found = (await query.clone().where('latest.source_id', after).first('points.id')) as unknown;
    if (found === undefined)
      throw new AppError(
        'INPUT_MARKER_UNKNOWN',
        `There is no entry ${after} to list after: drop the marker.`,
      );
    const anchor = sql('latest').where('source_id', after);
    query.whereRaw('(newest_taken_at, latest.source_id) < (?)', [
      anchor.select('newest_taken_at', 'source_id'),
    ]);
  }
  const rows = (await query
    .select('points.*')
    .orderBy([
      { column: 'newest_taken_at', order: 'desc' },
      { column: 'latest.source_id', order: 'desc' },
    ])
    .limit(limit)) as PointRecord[];
  return rows.map(toPointRow);
}
