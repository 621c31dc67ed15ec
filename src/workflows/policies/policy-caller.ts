import { newId } from '../../base/ids.ts';
import type { Caller } from '../../domain/access.ts';
import type { Policy } from '../../domain/policy.ts';

/** In the audit trail and in jobs a policy stands as who asked. */
export function callerFor({ id, name }: Pick<Policy, 'id' | 'name'>): Caller {
  return {
    userId: id,
    userName: `policy ${name}`,
    projectId: undefined,
    projectName: undefined,
    roles: [],
    level: 'admin',
    seesAll: true,
    isAdmin: true,
    requestId: `req-${newId()}`,
    address: '',
  };
}
