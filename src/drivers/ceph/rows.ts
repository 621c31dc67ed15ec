/** Rows of Ceph's JSON output to our types; a field that is missing or of another type is a clear error, not a NaN. */
import { AppError } from '../../base/errors.ts';

export type Row = Readonly<Record<string, unknown>>;

function wrong(what: string, value: unknown): AppError {
  const found = value === undefined ? 'missing' : JSON.stringify(value).slice(0, 200);
  return new AppError('CEPH_BAD_OUTPUT', `unexpected output of Ceph: ${what} is ${found}`);
}

export function asRow(value: unknown, what: string): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(what, value);
  return value as Row;
}

export function asRows(value: unknown, what: string): Row[] {
  if (!Array.isArray(value)) throw wrong(what, value);
  return value.map((row) => asRow(row, what));
}

export function text(row: Row, key: string): string {
  const value = row[key];
  if (typeof value !== 'string') throw wrong(key, value);
  return value;
}

export function count(row: Row, key: string): number {
  const value = row[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrong(key, value);
  return value;
}

/** Ceph prints some booleans as `"true"`. */
export function flag(row: Row, key: string): boolean {
  return row[key] === true || row[key] === 'true';
}
