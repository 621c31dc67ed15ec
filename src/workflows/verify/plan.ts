import type { ImageLocation } from '../../domain/disk.ts';

/** What a verification has begun and could not do, recorded as it goes (I9); JSON in the catalog. */
export interface VerifyPlan {
  /** Images that are removed before anything else is done, by whoever has the job (I9). */
  scratch: ImageLocation[];
  /** Points that could not be verified, which says nothing of them; the first ones by name. */
  unverified: { count: number; points: UnverifiedPoint[] };
}

export interface UnverifiedPoint {
  pointId: string;
  sourceName: string;
  reason: string;
}

export const emptyPlan: VerifyPlan = { scratch: [], unverified: { count: 0, points: [] } };
