import { AppError } from '../base/errors.ts';
import { rightsOf, type AccessRules, type Caller } from '../domain/access.ts';
import type { OpenStack } from '../drivers/openstack/openstack.ts';

/**
 * The caller behind a token, as Keystone says it and the configuration reads it.
 *
 * @throws AUTH_* for a token that Keystone does not know, AUTH_SCOPE, and FORBIDDEN_ROLE for a token without any role that
 * means something here: to such a one nothing is shown, not even that a project has nothing.
 */
export async function authenticateCaller(
  keystone: Pick<OpenStack['keystone'], 'validateToken'>,
  rules: AccessRules,
  { token, requestId, address }: { token: string; requestId: string; address: string },
): Promise<Caller> {
  const info = await keystone.validateToken(token);
  const { userId, userName, projectId, projectName, roles, system: isSystem } = info;
  if (projectId === undefined && !isSystem) {
    throw new AppError(
      'AUTH_SCOPE',
      'the token is scoped to neither a project nor the system; set OS_PROJECT_NAME or OS_SYSTEM_SCOPE',
    );
  }
  const rights = rightsOf({ roles, isSystem }, rules);
  if (rights.level === 'none') {
    throw new AppError(
      'FORBIDDEN_ROLE',
      `your roles (${roles.join(', ') || 'none'}) mean nothing to this service; ask for one of ${rules.readerRoles.join(', ')}`,
    );
  }
  return { userId, userName, projectId, projectName, roles, ...rights, requestId, address };
}
