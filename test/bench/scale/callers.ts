/** Who asks. */
import type { Caller } from '../../../src/domain/access.ts';

export const administrator: Caller = {
  userId: 'bench',
  userName: 'bench',
  projectId: 'project-1',
  projectName: 'project-1',
  roles: ['admin'],
  level: 'admin',
  seesAll: true,
  isAdmin: true,
  requestId: 'req-bench',
  address: '127.0.0.1',
};
export const tenant: Caller = {
  ...administrator,
  roles: ['member'],
  level: 'member',
  seesAll: false,
  isAdmin: false,
};
