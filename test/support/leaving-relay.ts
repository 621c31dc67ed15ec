import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Passes TCP connections on to a server; while it is away its port refuses them, as that of a server that ended does. */
export interface LeavingRelay {
  port: number;
  leave(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

export async function startLeavingRelay(target: { host: string; port: number }): Promise<LeavingRelay> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;

  async function listen(port: number): Promise<number> {
    server = createServer((client) => {
      const upstream = connect(target);
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async function leave(): Promise<void> {
    const leaving = server;
    server = undefined;
    if (leaving === undefined) return;
    leaving.close();
    for (const socket of sockets) socket.destroy();
    await once(leaving, 'close');
  }

  const port = await listen(0);
  const comeBack = async (): Promise<void> => {
    await listen(port);
  };
  return { port, leave, comeBack, close: leave };
}
