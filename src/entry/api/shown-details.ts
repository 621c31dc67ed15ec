import { familyOf, type ErrorCode, type ErrorFamily } from '../../base/errors.ts';
import { snakeKeys } from './snake-keys.ts';

/** Faults of the caller's own request: their details are about what the caller sent or may see. */
const callerFamilies: readonly ErrorFamily[] = [
  'INPUT',
  'AUTH',
  'FORBIDDEN',
  'NOTFOUND',
  'CONFLICT',
  'LIMIT',
  'CANCELLED',
];

/** Details of an error as this caller may see them: the cloud's inside (hosts, pools, argv) is for administrators (I7). */
export function shownDetails(
  code: string,
  details: Record<string, unknown>,
  isAdmin: boolean,
): Record<string, unknown> {
  return isAdmin || callerFamilies.includes(familyOf(code as ErrorCode)) ? snakeKeys(details) : {};
}
