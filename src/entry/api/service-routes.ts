import type { Express, Request, RequestHandler } from 'express';
import type { ApiDeps } from './api-deps.ts';
import type { OpenApiDocument } from './openapi-document.ts';
import { baseUrl } from './pagination.ts';

/** What is answered without a token: health, versions and the API's description. */
export function addServiceRoutes(app: Express, deps: ApiDeps, document: OpenApiDocument): void {
  const answerReadiness: RequestHandler = async (_request, response) => {
    const readiness = await deps.ready().catch(() => ({ ready: false, checks: [] }));
    response.status(readiness.ready ? 200 : 503).json(readiness);
  };
  app.get('/livez', (_request, response) => void response.json({ alive: true }));
  app.get('/readyz', answerReadiness);
  app.get('/healthcheck', answerReadiness);
  app.get('/openapi.json', (_request, response) => void response.json(document));
  app.get('/', (request, response) => void response.json({ versions: [versionOf(request, deps)] }));
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
