import express, { type Express } from 'express';
import type { Health } from '../../base/health.ts';
import type { Metrics } from '../../drivers/telemetry/metrics.ts';
import { addHealthRoutes } from './health-routes.ts';

export interface Monitoring {
  app: Express;
  endStreams(): void;
}

/**
 * What monitoring asks, without a token: metrics name projects and sources of all tenants, so they have an address of
 * their own, which no tenant reaches (I7).
 */
export function createMonitoring(
  metrics: Pick<Metrics, 'contentType' | 'render'>,
  health: Pick<Health, 'ready' | 'healthy'>,
): Monitoring {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/metrics', async (_request, response) => {
    const text = await metrics.render();
    response.setHeader('Content-Type', metrics.contentType);
    response.send(text);
  });
  addHealthRoutes(app, health);
  app.use((_request, response) => {
    response
      .status(404)
      .type('text/plain')
      .send('Not here; there are /metrics, /livez, /readyz and /healthcheck.\n');
  });
  return { app, endStreams: () => undefined };
}
