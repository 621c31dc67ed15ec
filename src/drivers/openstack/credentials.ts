/** How to prove who we are, Identity API v3 (https://docs.openstack.org/api-ref/identity/v3/#authentication). */
export type AuthMethod =
  | ({
      kind: 'password';
      password: string;
      /** TOTP, of a user with a second factor. */ passcode?: string;
    } & UserName)
  | { kind: 'token'; token: string }
  | ({ kind: 'application-credential'; id?: string; name?: string; secret: string } & Partial<UserName>);

/** A user by id, or by name within a domain. */
export interface UserName {
  userId?: string;
  userName?: string;
  userDomain?: DomainName;
}

/** A domain by id or by name; one of both is set. */
export interface DomainName {
  id?: string;
  name?: string;
}

export type Scope =
  | { kind: 'project'; id?: string; name?: string; domain?: DomainName }
  | { kind: 'domain'; domain: DomainName }
  | { kind: 'system' }
  | { kind: 'unscoped' }
  /** The user's default project when it has one and a role in it, else none. */
  | { kind: 'default' };

export type EndpointInterface = 'public' | 'internal' | 'admin';

export interface TlsOptions {
  /** False accepts any certificate, and beats `caFile`. */
  verify: boolean;
  caFile?: string;
  certFile?: string;
  keyFile?: string;
}

/** Everything needed to speak to one cloud as one user. Holds secrets: never log it (I10). */
export interface CloudCredentials {
  /** Where this was read, for messages: `cloud "prod" of /etc/openstack/clouds.yaml`. */
  source: string;
  authUrl: string;
  auth: AuthMethod;
  scope: Scope;
  region?: string;
  interface: EndpointInterface;
  tls: TlsOptions;
  /** Base URLs that beat the service catalog, by service type (`compute`, `block-storage`, ...). */
  endpointOverrides: Record<string, string>;
}

/** The user as messages name it; never a secret. */
export function describeUser(auth: AuthMethod): string {
  if (auth.kind === 'token') return 'the owner of the given token';
  if (auth.kind === 'application-credential') return `application credential ${auth.id ?? auth.name ?? '?'}`;
  return `user ${auth.userName ?? auth.userId ?? '?'}`;
}

/** The scope as messages name it. */
export function describeScope(scope: Scope): string {
  if (scope.kind === 'project') return `project ${scope.name ?? scope.id ?? '?'}`;
  if (scope.kind === 'domain') return `domain ${scope.domain.name ?? scope.domain.id ?? '?'}`;
  if (scope.kind === 'default') return 'the default project';
  return scope.kind === 'system' ? 'the system scope' : 'no scope';
}

/** The secrets in a way to authenticate, so that they can be struck from what a server answers. */
export function secretsOf(auth: AuthMethod): string[] {
  if (auth.kind === 'password')
    return auth.passcode === undefined ? [auth.password] : [auth.password, auth.passcode];
  return [auth.kind === 'token' ? auth.token : auth.secret];
}
