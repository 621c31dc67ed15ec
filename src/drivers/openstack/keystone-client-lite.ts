import { steadyClock, type Clock } from '../../base/clock.ts';
import { AppError, toAppError } from '../../base/errors.ts';
import { describeScope, type AuthMethod, type CloudCredentials, type Scope } from './credentials.ts';
import { hasStatus } from './http-error.ts';
import { identityRoot, type TokenInfo } from './keystone-auth.ts';
import type { MicroversionRange, SupportedMicroversions } from './microversion.ts';
import type { Http } from './request.ts';
import { createServiceClient, type CallOptions, type ServiceClient } from './service-client.ts';
import { findEndpoint, type ServiceType } from './service-catalog.ts';
import {
  createBorrowedSession,
  createTokenSession,
  type AuthToken,
  type SessionContext,
  type TokenSession,
} from './token-session.ts';
import { createTokenValidator, type ValidateToken } from './token-validation.ts';

/** One user in one scope of one cloud: its token, kept fresh, and clients that use it. */
export interface KeystoneClient {
  /** A valid token; throws AUTH_FAILED when Keystone refuses the user. */
  token(options?: CallOptions): Promise<AuthToken>;
  /** What the current token says of us. */
  whoAmI(options?: CallOptions): Promise<TokenInfo>;
  /** A client of one service at its endpoint in the catalog. */
  service(type: ServiceType, microversions?: SupportedMicroversions): ServiceClient;
  /** Keystone itself, at the URL that we authenticate with. */
  readonly identity: ServiceClient;
  /** The same user in another project; the client is remembered. Its calls throw FORBIDDEN_NO_ROLE without a role. */
  scopedToProject(projectId: string): KeystoneClient;
  /** The same user in another scope; not remembered. */
  withScope(scope: Scope): KeystoneClient;
  /** Acts with a caller's own token, never renewed: AUTH_TOKEN_EXPIRED at its end. */
  withToken(token: string): KeystoneClient;
  /** Another user of the same cloud, as at a sign-in. */
  withAuth(auth: AuthMethod, scope: Scope): KeystoneClient;
  validateToken: ValidateToken;
  /** Revokes the token that is held, if any; the next call gets a new one. */
  revoke(options?: CallOptions): Promise<void>;
}

export interface KeystoneClientOptions {
  credentials: CloudCredentials;
  http: Http;
  clock?: Clock;
  /** Of validateToken; default and ceiling 60 s. */
  validationCacheMs?: number;
  /** Clients of other projects remembered at most (I11). */
  maxProjects?: number;
}

export function createKeystoneClient(options: KeystoneClientOptions): KeystoneClient {
  const { credentials } = options;
  const shared: Shared = {
    options,
    context: {
      http: options.http,
      clock: options.clock ?? steadyClock,
      identityUrl: identityRoot(credentials.authUrl),
    },
    ranges: new Map(),
    validate: undefined,
  };
  const client = clientOf(shared, credentials.auth, credentials.scope);
  shared.validate = createTokenValidator({
    identity: client.identity,
    clock: shared.context.clock,
    cacheMs: options.validationCacheMs,
  });
  return client;
}

interface Shared {
  options: KeystoneClientOptions;
  context: SessionContext;
  ranges: Map<string, Promise<MicroversionRange>>;
  /** Validation is always asked for by the first client's user: callers may not see each other's tokens. */
  validate: ValidateToken | undefined;
}

function clientOf(shared: Shared, auth: AuthMethod, scope: Scope, home?: TokenSession): KeystoneClient {
  const explain = home === undefined ? undefined : explainRefusal(scope, home);
  return assemble(shared, createTokenSession(shared.context, auth, scope, explain), auth, scope);
}

function assemble(shared: Shared, session: TokenSession, auth: AuthMethod, scope: Scope): KeystoneClient {
  const { context, options } = shared;
  const identity = createServiceClient({
    http: context.http,
    session,
    serviceType: 'identity',
    endpoint: () => context.identityUrl,
    ranges: shared.ranges,
  });
  const projects = createProjectCache(options.maxProjects ?? 256, (projectId) =>
    clientOf(shared, auth, { kind: 'project', id: projectId }, session),
  );
  const client: KeystoneClient = {
    identity,
    token: async (call = {}) => await session.token(call.signal),
    whoAmI: async (call = {}) => (await session.token(call.signal)).info,
    service: (type, microversions) => serviceOf(shared, session, type, microversions),
    scopedToProject(projectId) {
      if (scope.kind === 'project' && scope.id === projectId) return client;
      return projects(projectId);
    },
    withScope: (other) => clientOf(shared, auth, other, session),
    withToken: (token) =>
      assemble(shared, createBorrowedSession(context, token), { kind: 'token', token }, { kind: 'unscoped' }),
    withAuth: (other, otherScope) => clientOf(shared, other, otherScope),
    validateToken: (token, call) => {
      if (shared.validate === undefined)
        throw new AppError('BUG_NO_VALIDATOR', 'Keystone client is not ready.');
      return shared.validate(token, call);
    },
    revoke: (call) => revokeToken(identity, session, call),
  };
  return client;
}

function serviceOf(
  shared: Shared,
  session: TokenSession,
  type: ServiceType,
  microversions: SupportedMicroversions | undefined,
): ServiceClient {
  const { credentials } = shared.options;
  return createServiceClient({
    http: shared.context.http,
    session,
    serviceType: type,
    ...(microversions === undefined ? {} : { microversions }),
    ranges: shared.ranges,
    endpoint: ({ catalog, info }) =>
      findEndpoint(type, {
        catalog,
        region: credentials.region,
        interface: credentials.interface,
        overrides: credentials.endpointOverrides,
        projectId: info.projectId,
        scope: info.system ? 'the system scope' : `user ${info.userName}`,
      }),
  });
}

async function revokeToken(
  identity: ServiceClient,
  session: TokenSession,
  call: CallOptions = {},
): Promise<void> {
  const token = await session.token(call.signal);
  await identity.request({
    ...call,
    method: 'DELETE',
    path: '/auth/tokens',
    headers: { 'X-Subject-Token': token.value },
    expected: [204, 404],
  });
  session.forget();
}

/**
 * Keystone answers 401 to a user without a role as to a wrong password. Whoever can (still) sign in at home has the
 * right password, so what is missing is the role.
 */
function explainRefusal(scope: Scope, home: TokenSession): (error: unknown) => Promise<unknown> {
  return async (error) => {
    const refused = (error instanceof AppError && error.code === 'AUTH_FAILED') || hasStatus(error, 403);
    if (!refused) return error;
    let userName: string;
    try {
      userName = (await home.token()).info.userName;
    } catch (homeError) {
      return toAppError(homeError);
    }
    return noRole(scope, userName, error);
  };
}

function noRole(scope: Scope, userName: string, cause: unknown): AppError {
  const details = { user: userName, scope: describeScope(scope) };
  return new AppError(
    'FORBIDDEN_NO_ROLE',
    `User ${userName} has no role in ${describeScope(scope)}, or that is disabled or gone. Grant it with "openstack role add --user ${userName} ${roleTarget(scope)} admin", or once for a whole domain with "--domain DOMAIN --inherited".`,
    { cause, details },
  );
}

function roleTarget(scope: Scope): string {
  if (scope.kind === 'project') return `--project ${scope.id ?? scope.name ?? ''}`;
  return scope.kind === 'domain' ? `--domain ${scope.domain.id ?? scope.domain.name ?? ''}` : '--system all';
}

/** Remembers the clients used last, so that every project keeps its token and none stays for ever. */
function createProjectCache(
  size: number,
  create: (projectId: string) => KeystoneClient,
): (projectId: string) => KeystoneClient {
  const known = new Map<string, KeystoneClient>();
  return (projectId) => {
    const client = known.get(projectId) ?? create(projectId);
    known.delete(projectId);
    known.set(projectId, client);
    const [oldest] = known.keys();
    if (known.size > size && oldest !== undefined) known.delete(oldest);
    return client;
  };
}
