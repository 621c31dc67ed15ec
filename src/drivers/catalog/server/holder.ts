import { createHash } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../base/errors.ts';

export interface Hold {
  release(): Promise<void>;
}

/**
 * Makes this process the only one that runs the server of a directory. The lock is an abstract Unix socket: the
 * kernel gives it to one process and takes it back at the instant that process dies, `kill -9` included, so there
 * is no stale lock file to judge. Who asks is told the holder's process id.
 *
 * A second process is refused rather than connected to the running server: that server ends with its holder, and a
 * job must not end because a stranger's command did.
 *
 * @throws CONFLICT_DATABASE_IN_USE with the holder's pid.
 */
export async function holdDirectory(directory: string): Promise<Hold> {
  const name = `\0emberkeep-${createHash('sha256').update(directory).digest('hex').slice(0, 32)}`;
  for (let attempt = 1; ; attempt++) {
    const server = await listen(name);
    if (server) return { release: () => close(server) };
    const pid = await askHolder(name);
    // No answer means that the holder is going away right now.
    if (pid !== undefined || attempt === 5) throw inUse(directory, pid);
    await sleep(100);
  }
}

function listen(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(String(process.pid));
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => {
      server.unref();
      resolve(server);
    });
  });
}

function askHolder(name: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(name);
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      const pid = Number.parseInt(answer, 10);
      resolve(Number.isNaN(pid) ? undefined : pid);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function inUse(directory: string, pid: number | undefined): AppError {
  const holder = pid === undefined ? 'Another Emberkeep process' : `Emberkeep process ${pid}`;
  return new AppError(
    'CONFLICT_DATABASE_IN_USE',
    `${holder} already runs the database in ${directory}: use that service or stop it, ` +
      'or give this one a state directory or a database URL of its own.',
    { details: { directory, pid } },
  );
}
