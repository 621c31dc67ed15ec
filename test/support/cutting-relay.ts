import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** How the next connection ends: after so many bytes from the client, or from the server. */
export interface Cut {
  after: number;
  of: 'request' | 'answer';
}

/** Passes TCP connections on to a server, and cuts those that it is told to in the middle. */
export interface CuttingRelay {
  port: number;
  /** For the next connections, one each, in this order. */
  cuts: Cut[];
  /** Ends the connections that there are, so that the next request opens one that can be cut. */
  endAll(): void;
  /** Connections that were cut. */
  readonly cutCount: number;
  close(): Promise<void>;
}

export async function startCuttingRelay(target: { host: string; port: number }): Promise<CuttingRelay> {
  const sockets = new Set<Socket>();
  const cuts: Cut[] = [];
  let cutCount = 0;
  const server = createServer((client) => {
    const upstream = connect(target);
    const cut = cuts.shift();
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
    const pass = (from: Socket, to: Socket, limitBytes: number): void => {
      let passedBytes = 0;
      from.on('data', (bytes: Buffer) => {
        passedBytes += bytes.length;
        if (passedBytes <= limitBytes) {
          if (!to.write(bytes)) from.pause();
          return;
        }
        cutCount += 1;
        end();
      });
      to.on('drain', () => from.resume());
    };
    pass(client, upstream, cut?.of === 'request' ? cut.after : Infinity);
    pass(upstream, client, cut?.of === 'answer' ? cut.after : Infinity);
  });
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cuts,
    get cutCount() {
      return cutCount;
    },
    endAll,
    close: async () => {
      endAll();
      server.close();
      await once(server, 'close');
    },
  };
}
