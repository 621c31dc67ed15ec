import express, { type Request, type Response, type Router } from 'express';
import { AppError, toAppError } from '../../../base/errors.ts';
import { statusOf } from '../error-status.ts';
import { baseUrl } from '../pagination.ts';
import { requestIdOf } from '../request-context.ts';
import { endSession, fromOf } from './auth-routes.ts';
import { isSecure, sessionCookieOf, setSessionCookie, setStateCookie, takeStateCookie } from './cookies.ts';
import { sendPlainPage } from './plain-page.ts';
import type { PortalDeps } from './portal-deps.ts';
import { isLedFromElsewhere, originOf } from './same-origin.ts';

/** Federated tokens name groups, so they are longer than others. */
const bodyLimit = '64kb';

/**
 * Single sign-on by Keystone's own flow: it sends the browser back with a form whose field `token` is an unscoped token.
 * Keystone protects that form against nothing, so an attacker's page could sign a victim in as the attacker. Hence a
 * browser must have begun here (the state cookie), not by a link elsewhere, and the form must come from Keystone's origin.
 */
export function addWebssoRoutes(router: Router, deps: PortalDeps): void {
  const { publicUrl, websso } = deps;

  router.get('/auth/websso/:protocol', (request, response) => {
    const { protocol } = request.params;
    if (!websso.protocols.some((known) => known.protocol === protocol))
      throw new AppError('NOTFOUND_PATH', 'there is no such single sign-on; see portal.websso');
    if (isLedFromElsewhere(request)) {
      response.redirect(303, '/portal/');
      return;
    }
    setStateCookie(response, isSecure(request, publicUrl));
    const origin = `${baseUrl(request, publicUrl)}/portal/auth/websso`;
    response.setHeader('Cache-Control', 'no-store');
    response.redirect(
      303,
      `${websso.keystoneUrl}/auth/OS-FEDERATION/websso/${encodeURIComponent(protocol)}?origin=${encodeURIComponent(origin)}`,
    );
  });

  router.post(
    '/auth/websso',
    express.urlencoded({ extended: false, limit: bodyLimit }),
    async (request, response) => {
      try {
        await finish(deps, request, response);
      } catch (error) {
        tell(response, error);
      }
    },
  );
}

async function finish(deps: PortalDeps, request: Request, response: Response): Promise<void> {
  const { operations, publicUrl, websso } = deps;
  const secure = isSecure(request, publicUrl);
  const began = takeStateCookie(request, response, secure);
  const origin = request.get('origin');
  if (!began || origin === undefined || originOf(origin) !== originOf(websso.keystoneUrl))
    throw new AppError(
      'FORBIDDEN_CSRF',
      'this sign-in was not begun here, took longer than ten minutes, or did not come from Keystone; begin it again',
    );
  const before = sessionCookieOf(request, secure);
  const cookie = await operations.signIn(
    { method: 'websso', token: tokenOf(request.body) },
    fromOf(request, response),
  );
  await endSession(deps, before, request, response);
  setSessionCookie(response, cookie, secure);
  response.redirect(303, '/portal/');
}

function tokenOf(body: unknown): string {
  const token = (body as { token?: unknown } | undefined)?.token;
  if (typeof token === 'string' && token !== '') return token;
  throw new AppError('INPUT_BODY', 'the form has no field "token"');
}

/** A browser came here by itself, so a person reads it. */
function tell(response: Response, thrown: unknown): void {
  const error = toAppError(thrown);
  const status = statusOf(error);
  response.err = error;
  const message = error.code.startsWith('BUG_') ? 'the service failed unexpectedly' : error.message;
  sendPlainPage(response, status, {
    title: 'You are not signed in',
    text: `${message} (${error.code}, ${requestIdOf(response)})`,
    link: { href: '/portal/', label: 'To the sign-in' },
  });
}
