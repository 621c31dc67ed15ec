import type { ApiError } from '../api/api-error.ts';

/** Which of the portal's own texts goes with an error: what happened in the reader's tongue, and what to do. */
export type Advice =
  | 'network'
  | 'session'
  | 'stale'
  | 'forbidden'
  | 'missing'
  | 'conflict'
  | 'input'
  | 'limit'
  | 'cloud'
  | 'service'
  | 'damage'
  | 'bug';

const ofFamily: Record<string, Advice> = {
  NETWORK: 'network',
  AUTH: 'session',
  FORBIDDEN: 'forbidden',
  NOTFOUND: 'missing',
  CONFLICT: 'conflict',
  INPUT: 'input',
  LIMIT: 'limit',
  OPENSTACK: 'cloud',
  CEPH: 'cloud',
  STORE: 'cloud',
  CATALOG: 'service',
  INTEGRITY: 'damage',
};

export function adviceFor({ type, status }: Pick<ApiError, 'type' | 'status'>): Advice {
  // The page is of a session that has changed under it.
  if (type === 'FORBIDDEN_CSRF') return 'stale';
  const family = type.split('_', 1)[0] ?? '';
  const known = ofFamily[family];
  if (known !== undefined) return known;
  // A proxy's answer has no code of ours.
  return status === 502 || status === 503 || status === 504 ? 'service' : 'bug';
}
