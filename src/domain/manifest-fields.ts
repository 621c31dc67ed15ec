import { isUuid } from '../base/ids.ts';

/** Thrown by the field readers; the manifest reader turns it into an AppError that names the object. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
}

/** Checks one value of a parsed JSON document and returns it typed; `path` is for the message. */
export type Field<T> = (value: unknown, path: string) => T;

/** Sizes, counts and offsets. */
export function count(value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new FieldError(`${path} is not a non-negative integer`);
}

export function integer(value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new FieldError(`${path} is not an integer`);
}

export function flag(value: unknown, path: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new FieldError(`${path} is not true or false`);
}

export function text(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  throw new FieldError(`${path} is not text`);
}

export function id(value: unknown, path: string): string {
  const found = text(value, path);
  if (isUuid(found)) return found;
  throw new FieldError(`${path} is not a UUID`);
}

export function sha256Hex(value: unknown, path: string): string {
  const found = text(value, path);
  if (/^[0-9a-f]{64}$/.test(found)) return found;
  throw new FieldError(`${path} is not a SHA-256 in hexadecimal`);
}

/** So many bytes in base64, as Buffer writes it. */
export function base64(bytes: number): Field<string> {
  return (value, path) => {
    const found = text(value, path);
    const decoded = Buffer.from(found, 'base64');
    if (decoded.length === bytes && decoded.toString('base64') === found) return found;
    throw new FieldError(`${path} is not ${bytes} bytes in base64`);
  };
}

/** An instant as toISOString writes it. */
export function instant(value: unknown, path: string): string {
  const found = text(value, path);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(found) && !Number.isNaN(Date.parse(found)))
    return found;
  throw new FieldError(`${path} is not an instant like 2026-01-31T23:59:59.000Z`);
}

export function oneOf<const T extends string | number>(...allowed: T[]): Field<T> {
  return (value, path) => {
    const found = allowed.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw new FieldError(`${path} is none of ${allowed.join(', ')}`);
  };
}

export function nullable<T>(field: Field<T>): Field<T | null> {
  return (value, path) => (value === null ? null : field(value, path));
}

export function optional<T>(field: Field<T>): Field<T | undefined> {
  return (value, path) => (value === undefined ? undefined : field(value, path));
}

export function listOf<T>(field: Field<T>): Field<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new FieldError(`${path} is not a list`);
    return value.map((item: unknown, index) => field(item, `${path}[${index}]`));
  };
}

export function textMap(value: unknown, path: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(plainObject(value, path)).map(([key, item]) => [key, text(item, `${path}.${key}`)]),
  );
}

/**
 * An object with these members; a member whose field yields undefined is left out. Members that the reader does not
 * know are ignored: what changes how bytes are to be read raises the manifest's `version` instead.
 */
export function shape<T extends object>(fields: { [K in keyof T]-?: Field<T[K] | undefined> }): Field<T> {
  const entries = Object.entries<Field<unknown>>(fields);
  return (value, path) => {
    const source = plainObject(value, path);
    const result: Record<string, unknown> = {};
    for (const [key, field] of entries) {
      const found = field(Object.hasOwn(source, key) ? source[key] : undefined, `${path}.${key}`);
      if (found !== undefined) result[key] = found;
    }
    return result as T;
  };
}

export function plainObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new FieldError(`${path} is not an object`);
}
