/** A Keystone that knows a handful of tokens: one for each kind of caller. */
import { AppError } from '../../src/base/errors.ts';
import { usualRules, type AccessRules } from '../../src/domain/access.ts';
import type { TokenInfo } from '../../src/drivers/openstack/keystone-auth.ts';
import { projectOf, uuidOf } from './fake-cloud.ts';

interface Person {
  roles: string[];
  /** undefined: a token for the system. */
  project?: string;
  /** Administrators of projects administer only these. */
  confined?: true;
}

/** Everybody looks at what belongs to project demo. */
export const people = {
  reader: { roles: ['reader'], project: 'demo' },
  member: { roles: ['member', 'reader'], project: 'demo' },
  'project admin': { roles: ['admin', 'member', 'reader'], project: 'demo', confined: true },
  'cloud admin': { roles: ['admin', 'member', 'reader'], project: 'admin' },
  stranger: { roles: ['member', 'reader'], project: 'third' },
  'system reader': { roles: ['reader'] },
  'system admin': { roles: ['admin', 'member', 'reader'] },
  nobody: { roles: ['swiftoperator'], project: 'demo' },
} as const satisfies Record<string, Person>;

export type PersonName = keyof typeof people;

export function userIdOf(name: PersonName): string {
  return uuidOf(`user ${name}`);
}

/** Headers cannot hold spaces at their ends, and tokens none at all. */
export function tokenOf(name: PersonName): string {
  return name.replace(' ', '-');
}

export function rulesOf(token: string): AccessRules {
  const person = find(token);
  return person?.confined === true ? { ...usualRules, projectAdmins: 'project' } : usualRules;
}

function find(token: string): Person | undefined {
  return Object.entries<Person>(people).find(([name]) => tokenOf(name as PersonName) === token)?.[1];
}

export function validateToken(token: string): Promise<TokenInfo> {
  const person = find(token);
  if (person === undefined) {
    return Promise.reject(
      new AppError('AUTH_TOKEN_INVALID', 'The token is unknown, expired or revoked: sign in again.'),
    );
  }
  const name = token.replace('-', ' ') as PersonName;
  return Promise.resolve({
    userId: userIdOf(name),
    userName: name,
    userDomainId: 'default',
    userDomainName: 'Default',
    projectId: person.project === undefined ? undefined : projectOf(person.project),
    projectName: person.project,
    projectDomainId: undefined,
    projectDomainName: undefined,
    domainId: undefined,
    system: person.project === undefined,
    isAdminProject: undefined,
    roles: person.roles,
    issuedAt: new Date(),
    expiresAt: new Date(Date.now() + 3_600_000),
  });
}
