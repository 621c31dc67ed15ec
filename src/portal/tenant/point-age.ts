/** How much of the time that a newest point is good for has gone. Pure. */
export interface PointAge {
  /** 0 when it was taken, 1 when it is too old, more when it is older. */
  used: number;
  ageMs: number;
  /** Until it is too old; negative when it is. */
  leftMs: number;
}

export function pointAge(takenAt: string, staleAt: string, nowMs: number): PointAge {
  const from = Date.parse(takenAt);
  const until = Date.parse(staleAt);
  const ageMs = Math.max(0, nowMs - from);
  return { used: until > from ? ageMs / (until - from) : 1, ageMs, leftMs: until - nowMs };
}
