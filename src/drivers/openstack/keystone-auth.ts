import { z } from 'zod';
import type { AuthMethod, DomainName, Scope, UserName } from './credentials.ts';
import type { CatalogEntry } from './service-catalog.ts';

/** What a token says of its bearer. */
export interface TokenInfo {
  userId: string;
  userName: string;
  userDomainId: string | undefined;
  userDomainName: string | undefined;
  projectId: string | undefined;
  projectName: string | undefined;
  projectDomainId: string | undefined;
  projectDomainName: string | undefined;
  /** Set when the token is scoped to a domain. */
  domainId: string | undefined;
  /** Set when the token is scoped to the system. */
  system: boolean;
  /** Present when Keystone marks the project as its admin project ([resource] admin_project_name). */
  isAdminProject: boolean | undefined;
  /** Names, implied roles included. */
  roles: string[];
  issuedAt: Date;
  expiresAt: Date;
}

export interface IssuedToken {
  info: TokenInfo;
  catalog: CatalogEntry[];
}

/** The body of POST /v3/auth/tokens. An application credential brings its own scope and refuses any other. */
export function authRequestBody(auth: AuthMethod, scope: Scope): unknown {
  return {
    auth: {
      identity: identityOf(auth),
      ...(auth.kind === 'application-credential' ? {} : scopeOf(scope)),
    },
  };
}

function identityOf(auth: AuthMethod): unknown {
  switch (auth.kind) {
    case 'password':
      return identityOfPassword(auth);
    case 'token':
      return { methods: ['token'], token: { id: auth.token } };
    case 'application-credential':
      return {
        methods: ['application_credential'],
        application_credential: {
          ...(auth.id === undefined ? { name: auth.name, user: userOf(auth) } : { id: auth.id }),
          secret: auth.secret,
        },
      };
  }
}

function identityOfPassword(auth: AuthMethod & { kind: 'password' }): unknown {
  const user = userOf(auth);
  const password = { user: { ...user, password: auth.password } };
  if (auth.passcode === undefined) return { methods: ['password'], password };
  // Both at once, so that the receipt of the first need not be kept between two requests.
  return {
    methods: ['password', 'totp'],
    password,
    totp: { user: { ...user, passcode: auth.passcode } },
  };
}

function userOf(user: UserName): Record<string, unknown> {
  if (user.userId !== undefined) return { id: user.userId };
  return { name: user.userName, domain: domainOf(user.userDomain) };
}

function domainOf(domain: DomainName | undefined): DomainName {
  return domain ?? { id: 'default' };
}

function scopeOf(scope: Scope): Record<string, unknown> {
  switch (scope.kind) {
    case 'project':
      return {
        scope: {
          project:
            scope.id === undefined ? { name: scope.name, domain: domainOf(scope.domain) } : { id: scope.id },
        },
      };
    case 'domain':
      return { scope: { domain: scope.domain } };
    case 'system':
      return { scope: { system: { all: true } } };
    case 'unscoped':
      // Without this a user with a default project would get a token for that project.
      return { scope: 'unscoped' };
    case 'default':
      return {};
  }
}

const named = z.object({ id: z.string(), name: z.string() });
const domain = z.object({ id: z.string(), name: z.string().nullish() });

const tokenBody = z.object({
  user: named.extend({ domain: domain.nullish() }),
  project: named.extend({ domain: domain.nullish() }).nullish(),
  domain: domain.nullish(),
  system: z.object({ all: z.boolean() }).nullish(),
  is_admin_project: z.boolean().nullish(),
  roles: z.array(named).nullish(),
  issued_at: z.string(),
  expires_at: z.string(),
  catalog: z
    .array(
      z.object({
        type: z.string(),
        name: z.string().nullish(),
        endpoints: z.array(
          z.object({
            interface: z.string(),
            region: z.string().nullish(),
            region_id: z.string().nullish(),
            url: z.string(),
          }),
        ),
      }),
    )
    .nullish(),
});
type TokenBody = z.output<typeof tokenBody>;

/** Token body of the Identity API v3, as in the answers to POST and GET /v3/auth/tokens. */
export const tokenSchema = z.object({ token: tokenBody }).transform(({ token }): IssuedToken => ({
  info: {
    ...bearerOf(token),
    ...projectOf(token),
    domainId: token.domain?.id,
    system: token.system?.all ?? false,
    isAdminProject: token.is_admin_project ?? undefined,
    roles: (token.roles ?? []).map((role) => role.name),
    issuedAt: new Date(token.issued_at),
    expiresAt: new Date(token.expires_at),
  },
  catalog: (token.catalog ?? []).map((entry) => ({
    type: entry.type,
    name: entry.name ?? entry.type,
    endpoints: entry.endpoints.map((endpoint) => ({
      interface: endpoint.interface,
      region: endpoint.region_id ?? endpoint.region ?? undefined,
      url: endpoint.url,
    })),
  })),
}));

function bearerOf({
  user,
}: TokenBody): Pick<TokenInfo, 'userId' | 'userName' | 'userDomainId' | 'userDomainName'> {
  return {
    userId: user.id,
    userName: user.name,
    userDomainId: user.domain?.id,
    userDomainName: user.domain?.name ?? undefined,
  };
}

function projectOf({
  project,
}: TokenBody): Pick<TokenInfo, 'projectId' | 'projectName' | 'projectDomainId' | 'projectDomainName'> {
  return {
    projectId: project?.id,
    projectName: project?.name,
    projectDomainId: project?.domain?.id,
    projectDomainName: project?.domain?.name ?? undefined,
  };
}

/** The v3 root for what people write into OS_AUTH_URL: with or without /v3, /v2.0 or a slash. */
export function identityRoot(authUrl: string): string {
  const trimmed = authUrl.replace(/\/+$/, '').replace(/\/v(2\.0|3)$/, '');
  return `${trimmed}/v3`;
}
