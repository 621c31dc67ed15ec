import { AppError } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import { cancelled } from '../../base/retry.ts';
import { readAnswer } from './answer.ts';
import { describeScope, describeUser, secretsOf, type AuthMethod, type Scope } from './credentials.ts';
import { hasStatus } from './http-error.ts';
import { authRequestBody, tokenSchema, type IssuedToken } from './keystone-auth.ts';
import type { Http } from './request.ts';

export interface AuthToken extends IssuedToken {
  value: string;
}

/** A source of a valid token for one user and scope. */
export interface TokenSession {
  /** A token that has some life left; concurrent callers share one renewal. */
  token(signal?: AbortSignal): Promise<AuthToken>;
  /** Says that a service refused this token; true when another one may be had. */
  reject(token: AuthToken): boolean;
  /** Forgets the token, so that the next call gets a new one. */
  forget(): AuthToken | undefined;
}

export interface SessionContext {
  http: Http;
  clock: Clock;
  /** Ends in /v3. */
  identityUrl: string;
}

interface HeldToken extends AuthToken {
  renewAtMs: number;
}

/** Seconds that a renewal starts before expiry; short-lived tokens are renewed when a fifth of their life is left. */
const renewalMarginMs = 300_000;

export function createTokenSession(
  context: SessionContext,
  auth: AuthMethod,
  scope: Scope,
  explain: (error: unknown) => Promise<unknown> = (error) => Promise.resolve(error),
): TokenSession {
  let held: HeldToken | undefined;
  let renewal: Promise<HeldToken> | undefined;

  // Runs without any caller's signal: it is shared, and one caller giving up must not fail the others.
  const renew = async (): Promise<HeldToken> => {
    const startedMs = context.clock.now().getTime();
    const token = await issueToken(context, auth, scope).catch(async (error: unknown) => {
      throw await explain(error);
    });
    const lifetimeMs = token.info.expiresAt.getTime() - token.info.issuedAt.getTime();
    // By our clock and Keystone's lifetime, so that a clock that is off does no harm.
    return { ...token, renewAtMs: startedMs + lifetimeMs - Math.min(renewalMarginMs, lifetimeMs / 5) };
  };

  return {
    async token(signal) {
      if (held !== undefined && context.clock.now().getTime() < held.renewAtMs) return held;
      renewal ??= renew()
        .then((token) => (held = token))
        .finally(() => (renewal = undefined));
      return await untilAborted(renewal, signal);
    },
    reject(token) {
      if (held?.value === token.value) held = undefined;
      return true;
    },
    forget() {
      const old = held;
      held = undefined;
      return old;
    },
  };
}

/** A session that lends a caller's own token: it is never renewed, and its end is the caller's to know. */
export function createBorrowedSession(context: SessionContext, value: string): TokenSession {
  let known: Promise<AuthToken> | undefined;
  const expired = (cause?: unknown): AppError =>
    new AppError('AUTH_TOKEN_EXPIRED', 'Your token is no longer valid: sign in again.', { cause });
  return {
    async token(signal) {
      known ??= describeOwnToken(context, value).catch((error: unknown) => {
        known = undefined;
        throw hasStatus(error, 401, 404) ? expired(error) : error;
      });
      return await untilAborted(known, signal);
    },
    reject: () => {
      known = undefined;
      throw expired();
    },
    forget: () => undefined,
  };
}

/**
 * POST /v3/auth/tokens; throws AUTH_FAILED when Keystone refuses the user, the scope or both, AUTH_PASSCODE_NEEDED when
 * the password is right and a one-time passcode has to come with it.
 */
export async function issueToken(
  context: SessionContext,
  auth: AuthMethod,
  scope: Scope,
): Promise<AuthToken> {
  const url = `${context.identityUrl}/auth/tokens`;
  const response = await context.http
    .send({
      method: 'POST',
      url,
      serviceType: 'identity',
      body: authRequestBody(auth, scope),
      expected: [200, 201],
      secrets: secretsOf(auth),
      // A token more does no harm.
      repeatable: true,
    })
    .catch((error: unknown) => {
      if (wantsPasscode(error)) throw passcodeNeeded(auth, error);
      if (hasStatus(error, 401)) throw authFailed(context.identityUrl, auth, scope, error);
      throw error;
    });
  const value = response.headers['x-subject-token'];
  if (value === undefined) {
    throw new AppError('OPENSTACK_BAD_ANSWER', `${url} answered without a token: check that it is Keystone.`);
  }
  const token = { value, ...readAnswer(tokenSchema, response) };
  // An application credential cannot ask for a scope: without this, work for one project would land in another.
  if (scope.kind === 'project' && scope.id !== undefined && token.info.projectId !== scope.id) {
    throw boundElsewhere(auth, scope, token);
  }
  return token;
}

function boundElsewhere(auth: AuthMethod, scope: Scope, { info }: AuthToken): AppError {
  return new AppError(
    'FORBIDDEN_NO_ROLE',
    `${describeUser(auth)} is bound to project ${info.projectName ?? '?'} (${info.projectId ?? '?'}) and cannot act in ${describeScope(scope)}: use a user with a password.`,
    { details: { user: info.userName, scope: describeScope(scope) } },
  );
}

function wantsPasscode(error: unknown): boolean {
  const rules = error instanceof AppError ? error.details['requiredAuthMethods'] : undefined;
  return Array.isArray(rules) && rules.some((rule: string[]) => rule.includes('totp'));
}

function passcodeNeeded(auth: AuthMethod, cause: unknown): AppError {
  return new AppError(
    'AUTH_PASSCODE_NEEDED',
    `Keystone wants a one-time passcode beside the password of ${describeUser(auth)}: enter it in the portal; on the command line use an application credential.`,
    { cause },
  );
}

/** Keystone says the same 401 for a wrong password, a missing role and a disabled or unknown project. */
function authFailed(identityUrl: string, auth: AuthMethod, scope: Scope, cause: unknown): AppError {
  const user = describeUser(auth);
  const advice = {
    password: `check the password, the user's domain, and that the user has a role in ${describeScope(scope)}`,
    token: 'the token has expired or was revoked, or the user has no role there',
    'application-credential':
      'check its id and secret, and that it has neither expired nor lost its user or roles',
  }[auth.kind];
  const target = auth.kind === 'application-credential' ? '' : ` for ${describeScope(scope)}`;
  return new AppError('AUTH_FAILED', `Keystone at ${identityUrl} refused ${user}${target}: ${advice}.`, {
    cause,
    details: { authUrl: identityUrl, user, scope: describeScope(scope) },
  });
}

async function describeOwnToken(context: SessionContext, value: string): Promise<AuthToken> {
  if (!isTokenText(value)) throw new AppError('AUTH_TOKEN_INVALID', 'The token is malformed: sign in again.');
  const response = await context.http.send({
    method: 'GET',
    url: `${context.identityUrl}/auth/tokens`,
    serviceType: 'identity',
    headers: { 'X-Auth-Token': value, 'X-Subject-Token': value },
    expected: [200],
  });
  return { value, ...readAnswer(tokenSchema, response) };
}

/** Whether a text may go into a header as a token: what strangers send must not split a request. */
export function isTokenText(value: string): boolean {
  return /^[\x21-\x7e]{1,16384}$/.test(value);
}

/** The caller's abort ends the caller's wait, not the shared work. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(cancelled(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
