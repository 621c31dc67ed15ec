import type { Job } from '../api/types.ts';

export interface PointFinding {
  pointId: string;
  /** English. */
  reason: string;
  /** Of the reason, and what stands in it; as the service gave them. */
  code: unknown;
  params: unknown;
}

export interface VerifyFindings {
  /** Points. */
  intact: number;
  damaged: PointFinding[];
  unverified: PointFinding[];
}

/** What a verification says in its result; undefined for other jobs, and before its end. */
export function verifyFindings({ kind, result }: Pick<Job, 'kind' | 'result'>): VerifyFindings | undefined {
  if (kind !== 'verify' || result === null) return undefined;
  return {
    intact: Number(result['intact'] ?? 0),
    damaged: findingsIn(result['damaged_points']),
    unverified: findingsIn(result['unverified_points']),
  };
}

function findingsIn(value: unknown): PointFinding[] {
  if (!Array.isArray(value)) return [];
  return (value as Record<string, unknown>[]).flatMap(
    ({ point_id: pointId, reason, reason_code: code, reason_params: params }) =>
      typeof pointId === 'string'
        ? [{ pointId, reason: typeof reason === 'string' ? reason : '', code, params }]
        : [],
  );
}
