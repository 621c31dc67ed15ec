/**
 * Milliseconds that a Retry-After header asks to wait: seconds or an HTTP date (RFC 9110, 10.2.3), the latter taken
 * against the server's own Date header, so that clocks need not agree. Undefined when absent or unreadable.
 */
export function retryAfterMs(header: string | undefined, dateHeader: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  // Date.parse alone would read almost anything as some date.
  if (!/^[A-Z][a-z]{2}, \d{2} /.test(header)) return undefined;
  const until = Date.parse(header);
  const now = Date.parse(dateHeader ?? '');
  return Number.isNaN(until) || Number.isNaN(now) ? undefined : Math.max(0, until - now);
}
