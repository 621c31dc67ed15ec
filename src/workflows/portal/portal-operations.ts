import { AppError, toAppError } from '../../base/errors.ts';
import { notFound } from '../../domain/access.ts';
import type { AuthMethod, Scope } from '../../drivers/openstack/credentials.ts';
import type { IssuedToken, PortalWorkflowDeps } from './deps.ts';
import { csrfTokenOf, seal, sessionIdOf, unseal } from './session-seal.ts';
import { forgottenAfterSeconds } from './sign-in-limits.ts';
import {
  bearerOf,
  heldScopeOf,
  portalRightsOf,
  projectOf,
  scopeKey,
  sessionOver,
  tokenOf,
  userOf,
  type HeldSession,
  type PortalSession,
} from './session.ts';
import {
  choicesOf,
  keystoneAway,
  portalEntry,
  signIn,
  type RequestOrigin,
  type SignInAttempt,
} from './sign-in.ts';

export type { PortalSession } from './session.ts';
export type { RequestOrigin, SignInAttempt } from './sign-in.ts';

/** A session as it was found: until another request changes it. */
export interface FoundSession {
  cookie: Buffer;
  /** What every change must bring. */
  csrfToken: string;
  held: HeldSession;
  sealed: Buffer;
  expiresAt: Date;
}

export type WantedScope = { projectId: string } | { system: true };

export type UseToken<T> = (token: string, session: FoundSession) => Promise<T>;

/** What the portal's server side does for a browser; docs/adr/0032-portal-sessions.md. */
export interface PortalOperations {
  /** @returns the new session's cookie. @throws AUTH_CREDENTIALS, AUTH_PASSCODE_NEEDED, LIMIT_SIGN_IN. */
  signIn(attempt: SignInAttempt, from: RequestOrigin): Promise<Buffer>;
  /** Notes that it was used; undefined when there is none or it is over. Keystone is not asked. */
  find(cookie: Buffer): Promise<FoundSession | undefined>;
  /**
   * Uses the session's token. When Keystone refuses that, the session is over, unless another request changed it
   * meanwhile: then it is used once more, as it is now.
   *
   * @throws AUTH_SESSION.
   */
  withToken<T>(cookie: Buffer, use: UseToken<T>): Promise<T>;
  /** What the browser may know. @throws AUTH_SESSION when Keystone refuses the token. */
  describe(cookie: Buffer): Promise<PortalSession>;
  /** @throws NOTFOUND_RESOURCE for a project without a role in it, FORBIDDEN_SCOPE, CONFLICT_SCOPE. */
  changeScope(session: FoundSession, wanted: WantedScope, from: RequestOrigin): Promise<void>;
  /** Revokes the tokens; what Keystone does not do of it is told to the log. */
  signOut(session: FoundSession, from: RequestOrigin): Promise<void>;
  /** Removes sessions that are over. */
  sweep(): Promise<void>;
}

export function createPortalOperations(deps: PortalWorkflowDeps): PortalOperations {
  return {
    signIn: (attempt, from) => signIn(deps, attempt, from),
    find: (cookie) => findSession(deps, cookie),
    withToken: (cookie, use) => useToken(deps, cookie, use),
    describe: (cookie) => describeSession(deps, cookie),
    changeScope: (session, wanted, from) => changeScope(deps, session, wanted, from),
    signOut: (session, from) => signOut(deps, session, from),
    sweep: async () => {
      await deps.catalog.portalSessions.sweep(deps.idleMinutes);
      await deps.catalog.signInAttempts.sweep(forgottenAfterSeconds);
    },
  };
}

async function describeSession(deps: PortalWorkflowDeps, cookie: Buffer): Promise<PortalSession> {
  try {
    return await useToken(deps, cookie, async (token, { held, csrfToken, expiresAt }) => {
      const info = await deps.keystone.validate(token);
      const project = projectOf(info);
      const other = { type: info.system ? 'system' : 'unscoped' } as const;
      return {
        user: userOf(info),
        scope: project === undefined ? other : { type: 'project', project },
        roles: info.roles,
        rights: portalRightsOf(info, deps.rules),
        projects: held.projects,
        system: held.system,
        csrfToken,
        expiresAt,
        restricted: held.unscopedToken === undefined,
      };
    });
  } catch (error) {
    throw keystoneAway(error);
  }
}

async function findSession(
  { catalog, idleMinutes }: PortalWorkflowDeps,
  cookie: Buffer,
): Promise<FoundSession | undefined> {
  const row = await catalog.portalSessions.use(sessionIdOf(cookie), idleMinutes);
  if (row === undefined) return undefined;
  let held: HeldSession;
  try {
    held = unseal(cookie, row.sealed) as HeldSession;
  } catch (error) {
    // The row has this cookie's name, but somebody else wrote what is in it.
    throw sessionOver(error);
  }
  return { ...row, cookie, held, csrfToken: csrfTokenOf(cookie, scopeKey(held.scope)) };
}

async function useToken<T>(
  deps: PortalWorkflowDeps,
  cookie: Buffer,
  use: UseToken<T>,
  again = true,
): Promise<T> {
  const session = await findSession(deps, cookie);
  if (session === undefined) throw sessionOver();
  try {
    return await use(tokenOf(session.held), session);
  } catch (error) {
    if (!isDeadToken(error)) throw error;
    const ended = await deps.catalog.portalSessions.end(sessionIdOf(cookie), session.sealed);
    // Another request chose another scope, which revoked this token.
    if (!ended && again) return await useToken(deps, cookie, use, false);
    throw sessionOver(error);
  }
}

function isDeadToken(error: unknown): boolean {
  return ['AUTH_TOKEN_INVALID', 'AUTH_TOKEN_EXPIRED'].includes(toAppError(error).code);
}

async function changeScope(
  deps: PortalWorkflowDeps,
  { cookie, held, sealed }: FoundSession,
  wanted: WantedScope,
  from: RequestOrigin,
): Promise<void> {
  const { unscopedToken } = held;
  if (unscopedToken === undefined)
    throw new AppError(
      'FORBIDDEN_SCOPE',
      'an application credential is for its own project only; sign in with a user to choose another',
    );
  const scope: Scope = 'system' in wanted ? { kind: 'system' } : { kind: 'project', id: wanted.projectId };
  const unscoped = await ownToken(deps, cookie, sealed, unscopedToken);
  const scoped = await rescope(deps, { kind: 'token', token: unscopedToken }, scope);
  const next: HeldSession = {
    ...(await choicesOf(deps.keystone, unscoped)),
    bearer: bearerOf(scoped.info),
    unscopedToken,
    scopedToken: scoped.value,
    scope: heldScopeOf(scoped.info),
  };
  const row = { sealed: seal(cookie, next), expiresAt: scoped.info.expiresAt };
  const replaced = await deps.catalog.transaction(async (tx) => {
    const entry = portalEntry('portal.change-scope', next.bearer, { scope: scopeKey(next.scope) }, from);
    const done = await tx.portalSessions.replace(sessionIdOf(cookie), sealed, row);
    if (done) await tx.audit.append(entry);
    return done;
  });
  const unneeded = replaced ? held.scopedToken : scoped.value;
  if (unneeded !== undefined) await revokeAll(deps, [unneeded]);
  if (!replaced)
    throw new AppError(
      'CONFLICT_SCOPE',
      'another tab chose a project at the same time; reload the page and choose again',
    );
}

/** Tells a session that has ended from a project that cannot be chosen: Keystone says the same of both. */
async function ownToken(
  { keystone, catalog }: PortalWorkflowDeps,
  cookie: Buffer,
  sealed: Buffer,
  token: string,
): Promise<IssuedToken> {
  try {
    return { value: token, info: await keystone.whoIs(token) };
  } catch (error) {
    if (!isDeadToken(error)) throw keystoneAway(error);
    await catalog.portalSessions.end(sessionIdOf(cookie), sealed);
    throw sessionOver(error);
  }
}

async function rescope(
  { keystone }: PortalWorkflowDeps,
  auth: AuthMethod,
  scope: Scope,
): Promise<IssuedToken> {
  try {
    return await keystone.issue(auth, scope);
  } catch (error) {
    const refusals = ['AUTH_FAILED', 'FORBIDDEN_OPENSTACK', 'NOTFOUND_OPENSTACK', 'OPENSTACK_REJECTED'];
    if (!refusals.includes(toAppError(error).code)) throw keystoneAway(error);
    // I7: a project of others answers as one that does not exist.
    throw scope.kind === 'project' ? notFound(`project "${scope.id ?? ''}"`) : notForSystem(error);
  }
}

function notForSystem(cause: unknown): AppError {
  return new AppError('FORBIDDEN_SCOPE', 'you have no role on the system; choose a project', { cause });
}

async function signOut(
  deps: PortalWorkflowDeps,
  { cookie, held, sealed }: FoundSession,
  from: RequestOrigin,
): Promise<void> {
  const ended = await deps.catalog.transaction(async (tx) => {
    const done = await tx.portalSessions.end(sessionIdOf(cookie), sealed);
    if (done) await tx.audit.append(portalEntry('portal.sign-out', held.bearer, {}, from));
    return done;
  });
  // The session is over whatever Keystone says; a token that it keeps ends by itself.
  await revokeAll(
    deps,
    [held.scopedToken, held.unscopedToken].filter((token) => token !== undefined),
  );
  if (ended) return;
  // Another request chose another scope meanwhile, if it did not end the session too.
  const changed = await findSession(deps, cookie);
  if (changed !== undefined) await signOut(deps, changed, from);
}

async function revokeAll({ keystone, onError }: PortalWorkflowDeps, tokens: string[]): Promise<void> {
  for (const token of tokens) {
    await keystone.revoke(token).catch((error: unknown) => {
      if (!isDeadToken(error)) onError('a token of the portal could not be revoked', error, {});
    });
  }
}
