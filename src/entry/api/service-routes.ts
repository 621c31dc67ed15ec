import type { Express, Request } from 'express';
import { addHealthRoutes } from './health-routes.ts';
import type { ApiDeps } from './api-deps.ts';
import type { OpenApiDocument } from './openapi-document.ts';
import { baseUrl } from './pagination.ts';

/** What is answered without a token: health, versions and the API's description. */
export function addServiceRoutes(app: Express, deps: ApiDeps, document: OpenApiDocument): void {
  addHealthRoutes(app, deps.health);
  app.get('/openapi.json', (_request, response) => void response.json(document));
  app.get('/', (request, response) => {
    response.setHeader('Vary', 'Accept');
    // Clients that take anything get what they always got.
    if (deps.portal !== undefined && request.accepts(['json', 'html']) === 'html')
      response.redirect(303, '/portal/');
    else response.json({ versions: [versionOf(request, deps)] });
  });
  app.get('/v1', (request, response) => void response.json({ version: versionOf(request, deps) }));
}

function versionOf(request: Request, { publicUrl, version }: ApiDeps): Record<string, unknown> {
  const base = baseUrl(request, publicUrl);
  return {
    id: 'v1',
    status: 'CURRENT',
    service: 'instance-backup',
    release: version,
    links: [
      { rel: 'self', href: `${base}/v1` },
      { rel: 'describedby', type: 'application/json', href: `${base}/openapi.json` },
    ],
  };
}
