import { targetOf } from './job-view.ts';
import { textColumn, type Column } from './output/columns.ts';
import type { WireJob } from './wire.ts';

interface Found {
  level: string;
  points: number;
  intact: number;
  damaged: number;
  unverified: number;
  damaged_points: FoundPoint[];
  unverified_points: FoundPoint[];
}

interface FoundPoint {
  point_id: string;
  source_name: string;
  reason: string;
}

function found({ result }: WireJob): Partial<Found> {
  return result ?? {};
}

export function verifiedCounts(job: WireJob): { points: number; damaged: number; unverified: number } {
  const { points = 0, damaged = 0, unverified = 0 } = found(job);
  return { points, damaged, unverified };
}

function countField(title: 'points' | 'intact' | 'damaged' | 'unverified'): Column<WireJob> {
  return { title, value: (job) => found(job)[title] ?? null };
}

function pointsField(title: 'damaged_points' | 'unverified_points'): Column<WireJob> {
  return {
    title,
    value: (job) => found(job)[title] ?? [],
    human: (job) =>
      (found(job)[title] ?? [])
        .map(({ point_id: id, source_name: name, reason }) => `${id} ${name}: ${reason}`)
        .join('\n'),
  };
}

/** What a verification found. */
export const verifyResultFields: readonly Column<WireJob>[] = [
  textColumn('job_id', ({ id }) => id),
  textColumn('target', targetOf),
  textColumn('state', ({ state }) => state),
  textColumn('level', (job) => {
    const { level } = job.target;
    return typeof level === 'string' ? level : null;
  }),
  countField('points'),
  countField('intact'),
  countField('damaged'),
  countField('unverified'),
  pointsField('damaged_points'),
  pointsField('unverified_points'),
];
