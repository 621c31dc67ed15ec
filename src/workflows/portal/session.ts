/** A session of the portal: what it holds, and what its user may know of it. */
import { AppError } from '../../base/errors.ts';
import { isAllowed, rightsOf, type AccessRules } from '../../domain/access.ts';
import type { Requester } from '../../domain/job.ts';
import type { TokenInfo } from '../../drivers/openstack/keystone-auth.ts';

export interface NamedDomain {
  id: string;
  name: string;
}

export interface PortalProject {
  id: string;
  name: string;
  domain: NamedDomain;
}

/** Sealed in the catalog. */
export interface HeldSession {
  /** As Keystone said at the sign-in, and at the last choice of a scope. */
  bearer: Requester;
  /** Chooses projects; an application credential has none. */
  unscopedToken: string | undefined;
  scopedToken: string | undefined;
  scope: HeldScope;
  projects: PortalProject[];
  /** Whether the system may be chosen. */
  system: boolean;
}

export type HeldScope = { type: 'project'; id: string } | { type: 'system' } | { type: 'unscoped' };

/** What the browser is told. */
export interface PortalSession {
  user: { id: string; name: string; domain: NamedDomain };
  scope: { type: 'project'; project: PortalProject } | { type: 'system' } | { type: 'unscoped' };
  roles: readonly string[];
  rights: PortalRights;
  projects: readonly PortalProject[];
  system: boolean;
  csrfToken: string;
  /** When the tokens end. */
  expiresAt: Date;
  /** Another project cannot be chosen. */
  restricted: boolean;
}

/** By the same rules as the API: what a page may offer. The API itself decides. */
export interface PortalRights {
  change: boolean;
  administer: boolean;
  seeAllProjects: boolean;
}

export function scopeKey(scope: HeldScope): string {
  return scope.type === 'project' ? `project ${scope.id}` : scope.type;
}

export function heldScopeOf({ projectId, system }: Pick<TokenInfo, 'projectId' | 'system'>): HeldScope {
  if (projectId !== undefined) return { type: 'project', id: projectId };
  return system ? { type: 'system' } : { type: 'unscoped' };
}

export function bearerOf({ userId, userName, projectId, projectName, roles }: TokenInfo): Requester {
  return { userId, userName, projectId, projectName, roles };
}

/** For its scope, or for nothing yet. */
export function tokenOf({ scopedToken, unscopedToken }: HeldSession): string {
  const token = scopedToken ?? unscopedToken;
  if (token === undefined) throw new AppError('BUG_NO_TOKEN', 'a session holds no token');
  return token;
}

export function userOf(info: TokenInfo): PortalSession['user'] {
  const domainId = info.userDomainId ?? '';
  return {
    id: info.userId,
    name: info.userName,
    domain: { id: domainId, name: info.userDomainName ?? domainId },
  };
}

export function projectOf(info: TokenInfo): PortalProject | undefined {
  const { projectId, projectName, projectDomainId = '', projectDomainName = projectDomainId } = info;
  if (projectId === undefined) return undefined;
  return {
    id: projectId,
    name: projectName ?? projectId,
    domain: { id: projectDomainId, name: projectDomainName },
  };
}

export function portalRightsOf(info: TokenInfo, rules: AccessRules): PortalRights {
  const { userId, userName, projectId, projectName, roles, system: isSystem } = info;
  const rights = rightsOf({ roles, isSystem }, rules);
  const caller = { userId, userName, projectId, projectName, roles, ...rights, requestId: '', address: '' };
  return {
    change: isAllowed(caller, 'backup', projectId ?? null),
    administer: rights.isAdmin,
    seeAllProjects: rights.seesAll,
  };
}

export function sessionOver(cause?: unknown): AppError {
  return new AppError('AUTH_SESSION', 'you are not signed in, or no longer; sign in again', { cause });
}
