import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { AppError, describeError } from '../../base/errors.ts';
import type { TlsOptions } from './credentials.ts';

export interface Agents {
  reused: { httpAgent: HttpAgent; httpsAgent: HttpsAgent };
  fresh: { httpAgent: HttpAgent; httpsAgent: HttpsAgent };
  all: (HttpAgent | HttpsAgent)[];
}

/** Agents for the TLS settings; throws INPUT_CREDENTIALS for a certificate file that cannot be read. */
export function createAgents(tls: TlsOptions = { verify: true }): Agents {
  const secure = {
    rejectUnauthorized: tls.verify,
    ...(tls.verify && tls.caFile !== undefined ? { ca: readPem(tls.caFile, 'CA certificate') } : {}),
    ...(tls.certFile === undefined ? {} : { cert: readPem(tls.certFile, 'client certificate') }),
    // As in requests and openstacksdk, a certificate file may hold its own key.
    ...(tls.certFile === undefined ? {} : { key: readPem(tls.keyFile ?? tls.certFile, 'client key') }),
  };
  const reused = {
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets: 32 }),
    httpsAgent: new HttpsAgent({ ...secure, keepAlive: true, maxSockets: 32 }),
  };
  const fresh = { httpAgent: new HttpAgent(), httpsAgent: new HttpsAgent(secure) };
  return { reused, fresh, all: [...Object.values(reused), ...Object.values(fresh)] };
}

function readPem(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new AppError('INPUT_CREDENTIALS', `The ${what} ${path} cannot be read: ${describeError(error)}`, {
      cause: error,
    });
  }
}
