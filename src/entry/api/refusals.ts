import type { Request } from 'express';
import { familyOf, toAppError } from '../../base/errors.ts';
import type { Caller } from '../../domain/access.ts';

/** An attempt that was refused, for the audit trail. */
export interface Refusal {
  operation: string;
  method: string;
  path: string;
  code: string;
}

const longestPath = 500;

/**
 * Whether the audit trail has to know: what a role did not allow, and changes to what the caller cannot see, which may be
 * another project's. Both answer alike (I7), so both are written alike.
 */
export function refusalOf(thrown: unknown, operation: string, http: Request): Refusal | undefined {
  const { code } = toAppError(thrown);
  const family = familyOf(code);
  const isChange = http.method !== 'GET' && http.method !== 'HEAD';
  if (family !== 'FORBIDDEN' && !(isChange && code === 'NOTFOUND_RESOURCE')) return undefined;
  return { operation, method: http.method, path: http.path.slice(0, longestPath), code };
}

export type OnRefused = (caller: Caller, refusal: Refusal) => Promise<void>;
