/** How long before its end a session's end is told: long enough to finish a form. */
const warnBeforeMs = 5 * 60_000;

/** Time that is left of a session when that is to be told, ms; undefined while there is plenty, or none. */
export function expiringIn(expiresAt: string, nowMs: number): number | undefined {
  const leftMs = Date.parse(expiresAt) - nowMs;
  return leftMs > 0 && leftMs <= warnBeforeMs ? leftMs : undefined;
}
