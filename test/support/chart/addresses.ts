/** Addresses of this machine behind which something of the development cloud or of a test answers. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Cleanup } from '../devcloud.ts';

/** Port on the loopback that leads to a Unix socket. */
export async function relayTo(socketPath: string, cleanup: Cleanup): Promise<number> {
  const server = createServer((client) => {
    const upstream = connect(socketPath);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  return await listen(server, cleanup);
}

export interface TlsGateway {
  port: number;
  /** PEM: its certificate is its own CA. */
  certificate: string;
}

/** A TLS address in front of an HTTP one, under a name that its certificate has. */
export async function startTlsGateway(
  target: string,
  { name, directory, cleanup }: { name: string; directory: string; cleanup: Cleanup },
): Promise<TlsGateway> {
  const [key, cert] = [join(directory, 'gateway.key'), join(directory, 'gateway.crt')];
  // prettier-ignore
  await promisify(execFile)('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1',
    '-keyout', key, '-out', cert, '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`,
  ]);
  const certificate = await readFile(cert, 'utf8');
  const { hostname, port } = new URL(target);
  const server = createTlsServer({ key: await readFile(key), cert: certificate }, (asked, answer) => {
    // Signatures are over the name that the client called.
    const { method, url: path, headers } = asked;
    const upstream = request({ hostname, port, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    upstream.on('error', () => answer.destroy());
    asked.pipe(upstream);
  });
  return { port: await listen(server, cleanup), certificate };
}

/** One that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listen(server: Server, cleanup: Cleanup): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.add(async () => {
    server.close();
    if ('closeAllConnections' in server)
      (server as unknown as { closeAllConnections(): void }).closeAllConnections();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}
