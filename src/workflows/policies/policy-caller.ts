import { newId } from '../../base/ids.ts';
import type { Caller } from '../../domain/access.ts';
import type { Policy } from '../../domain/policy.ts';

/** Pools are looked at as nobody's in particular. */
export const serviceCaller: Caller = {
  userId: 'emberkeep',
  userName: 'emberkeep',
  projectId: undefined,
  projectName: undefined,
  roles: [],
  level: 'admin',
  seesAll: true,
  isAdmin: true,
  requestId: '',
  address: '',
};

/** In the audit trail and in jobs a policy stands as who asked. */
export function callerFor({ id, name }: Pick<Policy, 'id' | 'name'>): Caller {
  return { ...serviceCaller, userId: id, userName: `policy ${name}`, requestId: `req-${newId()}` };
}
