import type { VerificationLevel, VerificationOutcome, VerificationScope } from '../../domain/verification.ts';
import type { Knex } from 'knex';
import type { Sql } from './connect.ts';
import { toPointRow, type PointRecord } from './rows.ts';
import type { PointRow } from './types.ts';

export interface VerificationRequest {
  jobId: string;
  storeId: string;
  scope: VerificationScope;
}

export interface PointFound {
  level: VerificationLevel;
  outcome: VerificationOutcome;
}

/** What a verification job has found so far. */
export interface VerificationTotals {
  intact: number;
  damaged: number;
  /** Some of the damaged ones. */
  damagedPoints: { pointId: string; sourceName: string; reason: string }[];
}

const shownPoints = 100;

function pointsOf(sql: Sql, { storeId, scope }: VerificationRequest): Knex.QueryBuilder {
  const query = sql('emberkeep.points as points')
    .where('points.store_id', storeId)
    .whereIn('points.state', ['complete', 'damaged']);
  if (scope.pointId !== undefined) query.where('points.id', scope.pointId);
  if (scope.sourceKind !== undefined) query.where('points.kind', scope.sourceKind);
  if (scope.sourceId !== undefined) query.where('points.source_id', scope.sourceId);
  if (scope.projectId !== undefined) query.where('points.project_id', scope.projectId);
  return query;
}

/**
 * The next points that this job has not dealt with, oldest first, so that the damage of a full is found once. Points
 * that were taken after the job was asked for are the next job's.
 */
export async function nextPointsToVerify(
  sql: Sql,
  request: VerificationRequest,
  limit: number,
): Promise<PointRow[]> {
  const { jobId } = request;
  const rows = (await pointsOf(sql, request)
    .select('points.*')
    .whereRaw('points.passed_job is distinct from ?', [jobId])
    .whereRaw('points.created_at <= (select created_at from emberkeep.jobs where id = ?)', [jobId])
    .orderBy([{ column: 'points.taken_at' }, { column: 'points.id' }])
    .limit(limit)) as PointRecord[];
  return rows.map(toPointRow);
}

/** About what a verification deals with: the disks of these points when it restores them, else the links that end at them. */
export async function bytesToVerify(
  sql: Sql,
  request: VerificationRequest,
  level: VerificationLevel,
): Promise<number> {
  const column = level === 'deep' ? 'links.size_bytes' : 'links.plain_bytes';
  const query = pointsOf(sql, request)
    .select(sql.raw('coalesce(sum(??), 0)::bigint as bytes', [column]))
    .join('emberkeep.links as links', 'links.point_id', 'points.id');
  const [row] = (await query) as { bytes: number }[];
  return row?.bytes ?? 0;
}

/** Repeating it changes nothing but the time; undefined leaves what was found before, and only passes the point by. */
export async function recordPointVerification(
  sql: Sql,
  pointId: string,
  jobId: string,
  found: PointFound | undefined,
): Promise<void> {
  const columns: Record<string, Knex.Value> = { passed_job: jobId };
  if (found !== undefined) {
    columns['verified_job'] = jobId;
    columns['verified_at'] = sql.fn.now();
    columns['verified_level'] = found.level;
    columns['verified_outcome'] = found.outcome;
    if (found.level === 'deep' && found.outcome === 'intact') columns['proven_at'] = sql.fn.now();
  }
  await sql('emberkeep.points').where('id', pointId).update(columns);
}

/** A link that several points of one job need is read once. */
export async function recordLinkVerification(sql: Sql, linkId: string, jobId: string): Promise<void> {
  await sql('emberkeep.links').where('id', linkId).update({ verified_job: jobId });
}

export async function isLinkVerifiedBy(sql: Sql, linkId: string, jobId: string): Promise<boolean> {
  const row = (await sql('emberkeep.links')
    .where({ id: linkId, verified_job: jobId, state: 'complete' })
    .first('id')) as unknown;
  return row !== undefined;
}

export async function verificationTotals(sql: Sql, jobId: string): Promise<VerificationTotals> {
  const counting = sql('emberkeep.points')
    .select('verified_outcome as outcome', sql.raw('count(*)::int as count'))
    .where('verified_job', jobId)
    .groupBy('verified_outcome');
  const counts = (await counting) as { outcome: VerificationOutcome | null; count: number }[];
  const damaged = (await sql('emberkeep.points')
    .where({ verified_job: jobId, verified_outcome: 'damaged' })
    .orderBy('taken_at')
    .limit(shownPoints)) as PointRecord[];
  const countOf = (wanted: VerificationOutcome): number =>
    counts.find(({ outcome }) => outcome === wanted)?.count ?? 0;
  return {
    intact: countOf('intact'),
    damaged: countOf('damaged'),
    damagedPoints: damaged.map((row) => ({
      pointId: row.id,
      sourceName: row.source_name,
      reason: row.damaged_reason ?? '',
    })),
  };
}
