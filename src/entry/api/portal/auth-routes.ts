import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { AppError, toAppError } from '../../../base/errors.ts';
import type { FoundSession } from '../../../workflows/portal/portal-operations.ts';
import { sessionOver } from '../../../workflows/portal/session.ts';
import { requestIdOf } from '../request-context.ts';
import { validate } from '../validate.ts';
import { z } from '../zod.ts';
import { clearSessionCookie, isSecure, sessionCookieOf, setSessionCookie } from './cookies.ts';
import type { PortalDeps } from './portal-deps.ts';
import { presentSession } from './present-session.ts';
import { assertCsrfToken, assertSameOrigin } from './same-origin.ts';

const name = z.string().min(1).max(255);
const secret = z.string().min(1).max(4096);

const signInSchema = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('password'),
    user: name,
    domain: name,
    password: secret,
    passcode: z
      .string()
      .regex(/^\d{4,10}$/, 'must be digits')
      .optional(),
  }),
  z.strictObject({ method: z.literal('application_credential'), id: name, secret }),
]);

const scopeSchema = z.union([
  z.strictObject({ project_id: z.string().regex(/^[\w-]{1,64}$/, 'must be the id of a project') }),
  z.strictObject({ system: z.literal(true) }),
]);

/** Signing in and out, and choosing a project. */
export function addAuthRoutes(router: Router, deps: PortalDeps): void {
  const { operations, publicUrl } = deps;
  const body = jsonBody();

  router.get('/auth/session', async (request, response) => {
    const session = await sessionOf(deps, request);
    response.json({
      session,
      sign_in: {
        password: true,
        application_credential: true,
        default_domain: deps.defaultDomain,
        websso: deps.websso.protocols,
      },
    });
  });

  router.post('/auth/session', body, async (request, response) => {
    assertSameOrigin(request, publicUrl);
    const attempt = validate('body', signInSchema, jsonOf(request));
    const before = sessionCookieOf(request, isSecure(request, publicUrl));
    const cookie = await operations.signIn(attempt, fromOf(request, response));
    await endSession(deps, before, request, response);
    setSessionCookie(response, cookie, isSecure(request, publicUrl));
    response.status(201).json({ session: presentSession(await operations.describe(cookie)) });
  });

  router.put('/auth/session/scope', body, async (request, response) => {
    const session = await changingSession(deps, request);
    const wanted = validate('body', scopeSchema, jsonOf(request));
    await operations.changeScope(
      session,
      'system' in wanted ? wanted : { projectId: wanted.project_id },
      fromOf(request, response),
    );
    response.json({ session: presentSession(await operations.describe(session.cookie)) });
  });

  router.delete('/auth/session', async (request, response) => {
    const session = await changingSession(deps, request);
    await operations.signOut(session, fromOf(request, response));
    clearSessionCookie(response, isSecure(request, publicUrl));
    response.status(204).end();
  });
}

/** null when nobody is signed in. */
async function sessionOf(
  { operations, publicUrl }: PortalDeps,
  request: Request,
): Promise<Record<string, unknown> | null> {
  const cookie = sessionCookieOf(request, isSecure(request, publicUrl));
  if (cookie === undefined) return null;
  try {
    return presentSession(await operations.describe(cookie));
  } catch (error) {
    if (toAppError(error).code === 'AUTH_SESSION') return null;
    throw error;
  }
}

/** The session of a request that changes something about it. @throws AUTH_SESSION, FORBIDDEN_CSRF. */
async function changingSession(
  { operations, publicUrl }: PortalDeps,
  request: Request,
): Promise<FoundSession> {
  const cookie = sessionCookieOf(request, isSecure(request, publicUrl));
  const session = cookie === undefined ? undefined : await operations.find(cookie);
  if (session === undefined) throw sessionOver();
  assertSameOrigin(request, publicUrl);
  assertCsrfToken(request, session.csrfToken);
  return session;
}

/** Who signs in anew leaves nothing of an earlier session of the same browser behind. */
export async function endSession(
  { operations }: PortalDeps,
  cookie: Buffer | undefined,
  request: Request,
  response: Response,
): Promise<void> {
  const session = cookie === undefined ? undefined : await operations.find(cookie);
  if (session !== undefined) await operations.signOut(session, fromOf(request, response));
}

export function fromOf(request: Request, response: Response): { address: string; requestId: string } {
  return { address: request.ip ?? 'unknown', requestId: requestIdOf(response) };
}

/** The parser's own message shows a piece of the body, which may be of a password (I10). */
function jsonBody(): RequestHandler {
  const parse: RequestHandler = express.json({ limit: '16kb' });
  return (request, response, next) =>
    parse(request, response, (error?: unknown) => {
      const isUnreadable = error instanceof Error && 'type' in error && error.type === 'entity.parse.failed';
      next(isUnreadable ? new AppError('INPUT_JSON', 'the body is not valid JSON') : error);
    });
}

function jsonOf(request: Request): unknown {
  const body: unknown = request.body;
  if (body !== undefined) return body;
  throw request.get('content-type') !== undefined && request.is('json') === false
    ? new AppError('INPUT_MEDIA_TYPE', 'send the body as JSON: Content-Type: application/json')
    : new AppError('INPUT_BODY', 'the body is missing; send a JSON object');
}
