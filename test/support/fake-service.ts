import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Readiness } from '../../src/base/health.ts';
import type { ApiDeps } from '../../src/entry/api/api-deps.ts';
import { createApp, type Api } from '../../src/entry/api/create-app.ts';
import { serveHttp } from '../../src/entry/api/serve-http.ts';
import { fakeAuthenticate } from './fake-cloud.ts';
import { FakeOperations } from './fake-operations.ts';

export interface FakeService {
  api: Api;
  operations: FakeOperations;
  url: string;
  /** Lines of the log so far. */
  log: string[];
  close(): Promise<void>;
}

function ready(): Promise<Readiness> {
  return Promise.resolve({ ready: true, checks: [{ name: 'catalog', ok: true }] });
}

export type FakeServiceOptions = Partial<Omit<ApiDeps, 'operations'>> & { operations?: FakeOperations };

/** The real API over real HTTP on a free loopback port, in front of operations that are made up. */
export async function startFakeService(
  { operations = new FakeOperations(), ...overrides }: FakeServiceOptions = {},
  port = 0,
): Promise<FakeService> {
  const log: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(chunk.toString());
      done();
    },
  });
  const api = createApp({
    operations,
    authenticate: fakeAuthenticate,
    health: { ready, healthy: ready },
    logger: pino({ level: 'info' }, stream),
    version: '1.2.3',
    ...overrides,
  });
  const service = await serveHttp(api, { host: '127.0.0.1', port, graceMs: 1000 });
  return { api, operations, log, url: service.url, close: () => service.close() };
}
