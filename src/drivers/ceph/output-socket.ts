import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../base/errors.ts';

/** What one read takes at most; the kernel's own buffer (net.core.wmem_default) holds some 200 KiB. */
const readBytes = 512 * 1024;

/** A socket pair whose one end becomes a child's stdout. */
export interface OutputSocket {
  /** To be given to the child, and destroyed here when that has exited: only then `chunks` end. */
  childEnd: Socket;
  /** What the child writes. A chunk is valid until the next one is asked for: all share one buffer. */
  chunks: AsyncIterableIterator<Buffer, undefined>;
  /** Ends the reading; a child that still writes gets EPIPE. */
  close: () => void;
}

/**
 * Not the pipe that Node makes for a child: that is read in pieces of 64 KiB, each with a buffer of its own. One gibibyte
 * costs a second of CPU time and a hundred MiB of garbage that way, through one reused buffer a quarter of it
 * (docs/adr/0012-read-exports-through-one-buffer.md).
 */
export async function openOutputSocket(): Promise<OutputSocket> {
  // In a directory that only this user can enter: whoever else connected would get the image's bytes.
  const directory = await mkdtemp(join(tmpdir(), 'emberkeep-'));
  try {
    const path = join(directory, 'out');
    const server = createServer({ pauseOnConnect: true }).listen(path);
    await once(server, 'listening');
    const reader = new SocketReader(path);
    try {
      const childEnd = await accept(server, reader);
      return { childEnd, chunks: reader, close: () => reader.close() };
    } catch (error) {
      reader.close();
      throw error;
    } finally {
      server.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A process without free file descriptors closes what it cannot accept, and tells nobody. */
async function accept(server: Server, reader: SocketReader): Promise<Socket> {
  const gone = reader.closed.then(() => {
    throw new AppError('CEPH_NO_SOCKET', 'no socket for the output of rbd; raise the limit of open files');
  });
  const accepted = (once(server, 'connection') as Promise<[Socket]>).then(([socket]) => socket);
  return await Promise.race([accepted, gone]);
}

type Result = IteratorResult<Buffer, undefined>;

/** One chunk at a time: the socket is not read on before the last one is done with (I11). */
class SocketReader implements AsyncIterableIterator<Buffer, undefined> {
  readonly #socket: Socket;
  readonly closed: Promise<void>;
  #chunk: Buffer | undefined;
  #error: Error | undefined;
  #closed = false;
  #waiting: { resolve: (result: Result) => void; reject: (error: Error) => void } | undefined;

  constructor(path: string) {
    const buffer = Buffer.allocUnsafeSlow(readBytes);
    const callback = (bytes: number): boolean => {
      this.#chunk = buffer.subarray(0, bytes);
      this.#settle();
      return false;
    };
    this.#socket = connect({ path, onread: { buffer, callback } });
    this.#socket.on('error', (error) => (this.#error = error));
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', () => {
        this.#closed = true;
        this.#settle();
        resolve();
      });
    });
  }

  async next(): Promise<Result> {
    return await new Promise<Result>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#chunk !== undefined || this.#closed) this.#settle();
      else this.#socket.resume();
    });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the protocol of iterators wants a promise
  async return(): Promise<Result> {
    this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  close(): void {
    this.#socket.destroy();
  }

  #settle(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    const chunk = this.#chunk;
    this.#chunk = undefined;
    if (chunk !== undefined) waiting.resolve({ done: false, value: chunk });
    else if (this.#error !== undefined) waiting.reject(this.#error);
    else waiting.resolve({ done: true, value: undefined });
  }
}
