import type { AccessRules } from '../../domain/access.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { AuthMethod, Scope } from '../../drivers/openstack/credentials.ts';
import type { Project } from '../../drivers/openstack/keystone-admin.ts';
import type { TokenInfo } from '../../drivers/openstack/keystone-auth.ts';

/** Keystone, as those who sign in need it. */
export interface PortalKeystone {
  /** A new token. @throws AUTH_FAILED, AUTH_PASSCODE_NEEDED. */
  issue(auth: AuthMethod, scope: Scope): Promise<IssuedToken>;
  /** What a token says of its bearer, asked with itself. @throws AUTH_TOKEN_*. */
  whoIs(token: string): Promise<TokenInfo>;
  /** The same, asked by the service's user, and remembered for a minute. @throws AUTH_TOKEN_INVALID. */
  validate(token: string): Promise<TokenInfo>;
  /** Projects that the bearer has a role in. */
  projectsOf(token: string): Promise<Project[]>;
  mayChooseSystem(token: string): Promise<boolean>;
  domainName(domainId: string): Promise<string>;
  /** @throws AUTH_TOKEN_* for one that is no longer valid. */
  revoke(token: string): Promise<void>;
}

export interface IssuedToken {
  value: string;
  info: TokenInfo;
}

export interface PortalWorkflowDeps {
  keystone: PortalKeystone;
  catalog: Pick<Catalog, 'portalSessions' | 'signInAttempts' | 'audit' | 'transaction'>;
  rules: AccessRules;
  /** A session that was not used for so long is over, minutes. */
  idleMinutes: number;
  /** Sessions that one user has at most; the one used longest ago makes room. */
  sessionsPerUser: number;
  /** What went wrong behind an answer that is right nevertheless. */
  onError: (message: string, error: unknown, facts: Record<string, unknown>) => void;
}
