import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Passes TCP connections on to a server; while it is silent it accepts everything and passes nothing on. */
export interface SilentRelay {
  port: number;
  /** Resolves when something is sent into the silence: a request, or the answer to one that was on its way. */
  fallSilent(): Promise<void>;
  /** For new connections; what was held is lost, and its connections are ended. */
  speak(): void;
  close(): Promise<void>;
}

export async function startSilentRelay(target: { host: string; port: number }): Promise<SilentRelay> {
  const sockets = new Set<Socket>();
  let isSilent = false;
  let onHeld: () => void = () => undefined;
  const server = createServer((client) => {
    const upstream = connect(target);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (bytes: Buffer) => {
      if (isSilent) onHeld();
      else upstream.write(bytes);
    });
    upstream.on('data', (bytes: Buffer) => {
      if (isSilent) onHeld();
      else client.write(bytes);
    });
  });
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    fallSilent: async () => {
      await new Promise<void>((resolve) => {
        onHeld = resolve;
        isSilent = true;
      });
    },
    speak: () => {
      isSilent = false;
      endAll();
    },
    close: async () => {
      endAll();
      server.close();
      await once(server, 'close');
    },
  };
}
