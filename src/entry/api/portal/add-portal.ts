import express, { type Express, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import { AppError } from '../../../base/errors.ts';
import type { ApiDeps } from '../api-deps.ts';
import { addAuthRoutes } from './auth-routes.ts';
import { addPageRoutes } from './page-routes.ts';
import type { PortalDeps } from './portal-deps.ts';
import { requireSession } from './session-caller.ts';
import { addWebssoRoutes } from './websso-routes.ts';

/** Nothing from elsewhere, nothing inline, in nobody's frame. */
const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      fontSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: 'deny' },
  // Forms of ours then carry our origin; other sites learn nothing.
  referrerPolicy: { policy: 'same-origin' },
});

/**
 * Everything below `/portal`: the pages, signing in, and the API once more for browsers that have a session in place of a
 * token. docs/adr/0032-portal-sessions.md
 */
export function addPortal(
  app: Express,
  deps: PortalDeps,
  api: { authenticate: ApiDeps['authenticate']; json: RequestHandler; router: Router },
): void {
  const portal = express.Router({ caseSensitive: true });
  portal.use(securityHeaders);
  portal.use(['/auth', '/api'], (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  addAuthRoutes(portal, deps);
  addWebssoRoutes(portal, deps);
  portal.use('/api', requireSession(deps, api.authenticate), api.json, api.router);
  portal.use(['/auth', '/api'], (request) => {
    throw new AppError('NOTFOUND_PATH', `there is no ${request.baseUrl}${request.path} here`);
  });
  app.get('/portal', (request, response, next) => {
    // Express takes `/portal/` for the same path.
    if (request.path === '/portal') response.redirect(308, '/portal/');
    else next();
  });
  addPageRoutes(portal, deps.directory);
  app.use('/portal', portal);
}
