import { AppError } from '../base/errors.ts';
import type { Caller } from '../domain/access.ts';
import type { OpenStack } from '../drivers/openstack/openstack.ts';

/**
 * The caller behind a token, as Keystone says it. An admin is who has the role admin on the system or in a project,
 * since that is what Nova and Cinder of today take for an administrator.
 */
export async function authenticateCaller(
  openstack: Pick<OpenStack, 'keystone'>,
  token: string,
  requestId: string,
  address: string,
): Promise<Caller> {
  const info = await openstack.keystone.validateToken(token);
  if (info.projectId === undefined && !info.system) {
    throw new AppError(
      'AUTH_SCOPE',
      'the token is scoped to neither a project nor the system; set OS_PROJECT_NAME or OS_SYSTEM_SCOPE',
    );
  }
  return {
    userId: info.userId,
    userName: info.userName,
    projectId: info.projectId,
    projectName: info.projectName,
    roles: info.roles,
    isAdmin: info.roles.includes('admin'),
    requestId,
    address,
  };
}
