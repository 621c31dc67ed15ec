/** `bytesDone` as `bytes_done`; what is already in snake_case stays. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** The keys of free-form records that the service itself made (never of users' metadata), at every level. */
export function snakeKeys(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      /^[A-Za-z0-9_]+$/.test(key) ? snakeCase(key) : key,
      snakeValue(value),
    ]),
  );
}

function snakeValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeValue);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return value.toString();
  if (value !== null && typeof value === 'object') return snakeKeys(value as Record<string, unknown>);
  return value;
}
