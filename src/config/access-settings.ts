/** Who may do what: the section `access` of the configuration. */
import { z } from 'zod';
import type { AccessRules } from '../domain/access.ts';

const roles = z.array(z.string().min(1).max(255)).min(1).max(32);

export const accessSchema = z.strictObject({
  reader_roles: roles.default(['reader']).describe('roles of Keystone that may look'),
  member_roles: roles.default(['member']).describe('roles that may also back up, restore and delete'),
  admin_roles: roles.default(['admin']).describe('roles of administrators'),
  project_admins: z
    .enum(['cloud', 'project'])
    .default('cloud')
    .describe('what an administrator of a project administers: the whole cloud, or only that project'),
  approval_hours: z
    .int()
    .min(1)
    .max(8760)
    .default(72)
    .describe('how long a restore waits for an approval before it expires, hours'),
});

export function accessRulesOf(settings: z.output<typeof accessSchema>): AccessRules {
  return {
    readerRoles: settings.reader_roles,
    memberRoles: settings.member_roles,
    adminRoles: settings.admin_roles,
    projectAdmins: settings.project_admins,
  };
}
