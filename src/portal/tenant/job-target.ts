import type { Job } from '../api/types.ts';

/** What a job works on, by the name that a person would use; empty for what has none. */
export function targetName({ target }: Pick<Job, 'target'>): string {
  const field = (key: string): string | undefined => {
    const value = target[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const pool = field('pool');
  const image = field('image');
  if (pool !== undefined && image !== undefined) return `${pool}/${image}`;
  return field('source_name') ?? field('name') ?? field('id') ?? field('point_id') ?? '';
}

/** The point that a job made or works on. */
export function pointOf({ target, result }: Pick<Job, 'target' | 'result'>): string | undefined {
  const id = result?.['point_id'] ?? target['point_id'];
  return typeof id === 'string' ? id : undefined;
}

/** 0 to 1; undefined while it is not known. */
export function fractionOf(progress: Record<string, unknown> | null): number | undefined {
  const done = progress?.['bytes_done'];
  const total = progress?.['bytes_total'];
  if (typeof done !== 'number' || typeof total !== 'number' || total <= 0) return undefined;
  return Math.min(1, done / total);
}
