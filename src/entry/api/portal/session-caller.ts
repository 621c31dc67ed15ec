import type { Request, RequestHandler, Response } from 'express';
import { AppError } from '../../../base/errors.ts';
import { sessionOver } from '../../../workflows/portal/session.ts';
import type { ApiDeps } from '../api-deps.ts';
import { requestIdOf, setCaller } from '../request-context.ts';
import { isSecure, sessionCookieOf } from './cookies.ts';
import type { PortalDeps } from './portal-deps.ts';
import { assertCsrfToken, assertSameOrigin, isChange } from './same-origin.ts';

const usualRecheckMs = 60_000;

/** In place of X-Auth-Token: the token of the browser's session. It goes no further (I10). */
export function requireSession(deps: PortalDeps, authenticate: ApiDeps['authenticate']): RequestHandler {
  const { operations, publicUrl } = deps;
  return async (request, response, next) => {
    const cookie = sessionCookieOf(request, isSecure(request, publicUrl));
    if (cookie === undefined) throw sessionOver();
    const caller = await operations.withToken(cookie, async (token, { csrfToken, held }) => {
      if (isChange(request)) {
        assertSameOrigin(request, publicUrl);
        assertCsrfToken(request, csrfToken);
      }
      if (held.scope.type === 'unscoped') throw new AppError('AUTH_SCOPE', 'choose a project first');
      return await authenticate(token, requestIdOf(response), request.ip ?? 'unknown');
    });
    setCaller(response, caller);
    recheck(deps, cookie, request, response);
    next();
  };
}

/** An answer that stays open, such as a job's events, ends with its session: wherever that was ended, within a minute. */
function recheck(
  { operations, recheckMs = usualRecheckMs }: PortalDeps,
  cookie: Buffer,
  request: Request,
  response: Response,
): void {
  const look = async (): Promise<void> => {
    if ((await operations.find(cookie)) === undefined) response.destroy();
  };
  const timer = setInterval(() => {
    // While the catalog is away nobody can end the session either.
    look().catch((error: unknown) => request.log.warn({ err: error }, 'a session could not be looked at'));
  }, recheckMs);
  response.once('close', () => clearInterval(timer));
}
