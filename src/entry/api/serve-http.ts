import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '../../base/errors.ts';
import type { Express } from 'express';

export interface ServeHttpOptions {
  host: string;
  /** 0 lets the system choose a free one. */
  port: number;
  /** How long `close` waits for requests under way, milliseconds. */
  graceMs?: number;
}

export interface HttpService {
  /** Where clients on this machine reach the service. */
  url: string;
  /** Takes no new request, ends event streams, lets the others finish, and resolves when all are gone. */
  close(): Promise<void>;
}

/** What is served: the API, or what monitoring asks. */
export interface Served {
  app: Express;
  /** Ends answers that would go on for ever; no new one can begin. */
  endStreams(): void;
}

/** Serves it; throws INPUT_LISTEN when the address cannot be had. */
export async function serveHttp(
  api: Served,
  { host, port, graceMs = 10_000 }: ServeHttpOptions,
): Promise<HttpService> {
  const server = createServer(api.app);
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    throw new AppError(
      'INPUT_LISTEN',
      `cannot listen on ${host}:${port} (${(error as NodeJS.ErrnoException).code ?? 'unknown'}); choose another address`,
      { cause: error },
    );
  }
  let closing: Promise<void> | undefined;
  return {
    url: urlOf(server.address() as AddressInfo),
    close: () => (closing ??= close(server, api, graceMs)),
  };
}

async function close(server: Server, api: Served, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  api.endStreams();
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await closed;
  } finally {
    clearTimeout(impatience);
  }
}

/** A wildcard address cannot be connected to everywhere, so it is named by its loopback. */
function urlOf({ address, family, port }: AddressInfo): string {
  if (address === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (address === '::') return `http://[::1]:${port}`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
