import { AppError, toAppError } from '../../base/errors.ts';
import type { Requester } from '../../domain/job.ts';
import type { NewAudit } from '../../drivers/catalog/types.ts';
import type { TokenInfo } from '../../drivers/openstack/keystone-auth.ts';
import type { AuthMethod, Scope } from '../../drivers/openstack/credentials.ts';
import type { Project } from '../../drivers/openstack/keystone-admin.ts';
import type { IssuedToken, PortalKeystone, PortalWorkflowDeps } from './deps.ts';
import { newCookie, seal, sessionIdOf } from './session-seal.ts';
import { bearerOf, heldScopeOf, projectOf, userOf, type HeldSession, type PortalProject } from './session.ts';
import { takeAttempt } from './sign-in-limits.ts';

/** How somebody proves who it is. */
export type SignInAttempt =
  | { method: 'password'; user: string; domain: string; password: string; passcode?: string | undefined }
  | { method: 'application_credential'; id: string; secret: string }
  /** Keystone has looked at the user already, and sent this unscoped token by the user's browser. */
  | { method: 'websso'; token: string };

/** Where a request came from. */
export interface RequestOrigin {
  address: string;
  requestId: string;
}

/**
 * Begins a session. Every attempt that Keystone answers is in the audit trail, without a secret.
 *
 * @returns its cookie.
 * @throws AUTH_CREDENTIALS, AUTH_PASSCODE_NEEDED, LIMIT_SIGN_IN, OPENSTACK_KEYSTONE_AWAY.
 */
export async function signIn(
  deps: PortalWorkflowDeps,
  attempt: SignInAttempt,
  from: RequestOrigin,
): Promise<Buffer> {
  const giveBack = await takeAttempt(deps.catalog.signInAttempts, from.address, guessedAt(attempt, from));
  let held: HeldSession;
  let info: TokenInfo;
  try {
    ({ held, info } = await prove(deps.keystone, attempt));
  } catch (error) {
    const { code } = toAppError(error);
    // The password was right, or nobody said that it was wrong.
    if (code !== 'AUTH_CREDENTIALS') await giveBack();
    else await deps.catalog.audit.append(refusedEntry(attempt, from));
    throw error;
  }
  await giveBack();
  const cookie = newCookie();
  await deps.catalog.transaction(async (tx) => {
    const session = { id: sessionIdOf(cookie), userId: info.userId, expiresAt: info.expiresAt };
    await tx.portalSessions.insert({ ...session, sealed: seal(cookie, held) }, deps.sessionsPerUser);
    await tx.audit.append(portalEntry('portal.sign-in', held.bearer, { method: attempt.method }, from));
  });
  return cookie;
}

/** The same user is guessed at under whatever spelling Keystone takes for the same. */
function guessedAt(attempt: SignInAttempt, { address }: RequestOrigin): string {
  if (attempt.method === 'password') return `${attempt.domain}/${attempt.user}`.toLowerCase();
  // A token names nobody.
  return attempt.method === 'websso' ? `websso ${address}` : `credential ${attempt.id}`;
}

interface Proven {
  held: HeldSession;
  /** Of the token that the session begins with. */
  info: TokenInfo;
}

async function prove(keystone: PortalKeystone, attempt: SignInAttempt): Promise<Proven> {
  try {
    if (attempt.method === 'application_credential') return await proveByCredential(keystone, attempt);
    return await beginUnscoped(keystone, await unscopedToken(keystone, attempt));
  } catch (error) {
    throw refused(error, attempt);
  }
}

async function proveByCredential(
  keystone: PortalKeystone,
  { id, secret }: SignInAttempt & { method: 'application_credential' },
): Promise<Proven> {
  const auth: AuthMethod = { kind: 'application-credential', id, secret };
  const { value, info } = await keystone.issue(auth, { kind: 'unscoped' });
  const project = projectOf(info);
  const held: HeldSession = {
    bearer: bearerOf(info),
    unscopedToken: undefined,
    scopedToken: value,
    scope: heldScopeOf(info),
    projects: project === undefined ? [] : [project],
    system: false,
  };
  return { held, info };
}

async function unscopedToken(
  keystone: PortalKeystone,
  attempt: SignInAttempt & { method: 'password' | 'websso' },
): Promise<IssuedToken> {
  if (attempt.method === 'websso') {
    const info = await keystone.whoIs(attempt.token);
    if (heldScopeOf(info).type === 'unscoped') return { value: attempt.token, info };
    throw new AppError('AUTH_FAILED', 'the token of a single sign-on is for a project already');
  }
  const { user, domain, password, passcode } = attempt;
  const auth: AuthMethod = {
    kind: 'password',
    userName: user,
    userDomain: { name: domain },
    password,
    ...(passcode === undefined ? {} : { passcode }),
  };
  return await keystone.issue(auth, { kind: 'unscoped' });
}

/** Chooses the project where there is no choice, or where Keystone knows the user's default. */
async function beginUnscoped(keystone: PortalKeystone, unscoped: IssuedToken): Promise<Proven> {
  const choices = await choicesOf(keystone, unscoped);
  const [only, another] = choices.projects;
  const scope: Scope =
    only !== undefined && another === undefined ? { kind: 'project', id: only.id } : { kind: 'default' };
  const scoped =
    only === undefined ? undefined : await keystone.issue({ kind: 'token', token: unscoped.value }, scope);
  const found = scoped?.info.projectId === undefined ? undefined : scoped;
  const { info } = found ?? unscoped;
  const held = {
    ...choices,
    bearer: bearerOf(info),
    unscopedToken: unscoped.value,
    scopedToken: found?.value,
    scope: heldScopeOf(info),
  };
  return { held, info };
}

/** What the user can choose, with the names of the projects' domains. */
export async function choicesOf(
  keystone: PortalKeystone,
  { value, info }: IssuedToken,
): Promise<{ projects: PortalProject[]; system: boolean }> {
  const own = userOf(info).domain;
  const named = async ({ id, name, domainId }: Project): Promise<PortalProject> => ({
    id,
    name,
    domain: {
      id: domainId,
      name: domainId === own.id ? own.name : await keystone.domainName(domainId),
    },
  });
  const projects = (await keystone.projectsOf(value)).filter(({ enabled }) => enabled);
  return {
    projects: await Promise.all(projects.map(named)),
    system: await keystone.mayChooseSystem(value),
  };
}

/** An application credential that does not exist is 404 to Keystone, and what it cannot read 400. */
const refusals: readonly string[] = [
  'AUTH_FAILED',
  'AUTH_TOKEN_EXPIRED',
  'AUTH_TOKEN_INVALID',
  'FORBIDDEN_OPENSTACK',
  'NOTFOUND_OPENSTACK',
  'OPENSTACK_REJECTED',
];

/** Keystone does not say which of user, domain and password is wrong, and neither do we. */
function refused(error: unknown, { method }: SignInAttempt): unknown {
  const { code } = toAppError(error);
  if (refusals.includes(code)) {
    const advice = {
      password: 'check user, domain and password, and the passcode if there is one',
      application_credential: 'check its id and secret, and that it has neither expired nor lost its roles',
      websso: 'sign in again',
    }[method];
    return new AppError('AUTH_CREDENTIALS', `Keystone refused the sign-in: ${advice}`, { cause: error });
  }
  return keystoneAway(error);
}

/** For whoever waits at a page, an outage of Keystone is one of this service. */
export function keystoneAway(error: unknown): unknown {
  const { code } = toAppError(error);
  if (!['OPENSTACK_UNREACHABLE', 'OPENSTACK_TIMEOUT', 'OPENSTACK_UNEXPECTED_STATUS'].includes(code))
    return error;
  return new AppError('OPENSTACK_KEYSTONE_AWAY', 'Keystone does not answer; try again in a moment', {
    cause: error,
    retryable: true,
  });
}

export function portalEntry(
  action: string,
  bearer: Requester,
  target: Record<string, string>,
  { address, requestId }: RequestOrigin,
): NewAudit {
  return {
    actor: { ...bearer, address },
    action,
    target,
    result: 'allowed',
    requestId,
  };
}

/** What was typed as the user's name may be anything, so it stands with the target. */
function refusedEntry(attempt: SignInAttempt, { address, requestId }: RequestOrigin): NewAudit {
  const who =
    attempt.method === 'password'
      ? { user: attempt.user, domain: attempt.domain }
      : attempt.method === 'websso'
        ? {}
        : { applicationCredential: attempt.id };
  return {
    actor: { address },
    action: 'portal.sign-in',
    target: { method: attempt.method, ...who },
    result: 'refused',
    requestId,
  };
}
