import type { Point } from '../api/types.ts';
import type { Tone } from '../ui/badge.tsx';

export type Verdict = 'damaged' | 'deleted' | 'proven' | 'verified' | 'unverified';

export const verdictTones: Record<Verdict, Tone> = {
  damaged: 'bad',
  deleted: 'idle',
  proven: 'good',
  verified: 'good',
  unverified: 'idle',
};

/** How far a point can be relied on: `proven` was restored and compared, `verified` was read and found intact. */
export function verdictOf({ state, last_proven: proven, last_verified: verified }: Point): Verdict {
  if (state !== 'complete') return state;
  if (verified?.outcome === 'damaged') return 'damaged';
  if (proven !== null) return 'proven';
  return verified === null ? 'unverified' : 'verified';
}
