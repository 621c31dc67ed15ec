import type { Express, RequestHandler } from 'express';
import type { Health, Readiness } from '../../base/health.ts';

/**
 * `/livez`: the process answers. `/readyz`: requests may be sent here. `/healthcheck`: all that the service stands on
 * works. They need no token and say names only (I7).
 */
export function addHealthRoutes(app: Express, health: Pick<Health, 'ready' | 'healthy'>): void {
  app.get('/livez', (_request, response) => void response.json({ alive: true }));
  app.get('/readyz', answerWith(health.ready));
  app.get('/healthcheck', answerWith(health.healthy));
}

function answerWith(look: () => Promise<Readiness>): RequestHandler {
  return async (_request, response) => {
    const readiness = await look().catch((): Readiness => ({ ready: false, checks: [] }));
    response.status(readiness.ready ? 200 : 503).json(readiness);
  };
}
