import { familyOf, type ErrorCode, type ErrorFamily } from '../../base/errors.ts';

export const exitUsage = 2;

/** The one table from error family to exit code. */
const exitCodeOfFamily: Record<ErrorFamily, number> = {
  INPUT: exitUsage,
  AUTH: 4,
  FORBIDDEN: 4,
  NOTFOUND: 5,
  CONFLICT: 6,
  LIMIT: 7,
  OPENSTACK: 8,
  CEPH: 8,
  STORE: 8,
  CATALOG: 8,
  INTEGRITY: 9,
  CANCELLED: 130,
  BUG: 1,
};

export const exitPartial = 3;
export const exitInterrupted = 130;

export function exitCodeOf(code: string): number {
  return exitCodeOfFamily[familyOf(code as ErrorCode)];
}

export const exitCodesHelp = `Exit codes:
  0  done
  1  a fault in emberkeep itself
  2  wrong usage or input
  3  only part of it was done
  4  not signed in, or not allowed
  5  not found
  6  not possible in the present state
  7  a quota or limit is reached
  8  OpenStack, Ceph, the store or the service failed
  9  damaged data was found
  130  cancelled`;
