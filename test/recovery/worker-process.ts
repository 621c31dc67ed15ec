/** The test's side of killable-worker.ts. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { KillOrder, Trace, WorkerMessage } from './kill-switch.ts';
import type { WorkerCommand } from './killable-worker.ts';

const script = join(import.meta.dirname, 'killable-worker.ts');
const startTimeoutMs = 120_000;

export interface KillPlan {
  kill?: KillOrder | undefined;
  slowChunkMs?: number;
}

export class WorkerProcess {
  readonly traces: Trace[] = [];
  /** Resolves at its end, however that came. */
  readonly exited: Promise<void>;
  /** Where it was killed, in words; empty when it was not. */
  lastWords = '';
  /** Calls that its last finished job made. */
  calls = 0;
  readonly #child: ChildProcess;
  readonly #waiting = new Set<(message: WorkerMessage) => void>();
  readonly #loaded: Promise<unknown>;
  #ended = false;

  /** Loads the program; a worker at work and its successor can so be loaded side by side. */
  constructor() {
    this.#child = fork(script, { detached: true, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    this.#child.stdout?.on('data', (text: Buffer) => (this.lastWords += text.toString()));
    this.exited = new Promise((resolve) =>
      this.#child.once('close', () => {
        this.#ended = true;
        resolve();
      }),
    );
    this.#child.on('message', (message: WorkerMessage) => this.#hear(message));
    this.#loaded = this.#next('loaded');
    // Looked at in start(); a worker that is never started may be ended before.
    this.#loaded.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isAlive(): boolean {
    return !this.#ended;
  }

  async start(env: Record<string, string>, { kill, slowChunkMs = 0 }: KillPlan = {}): Promise<void> {
    await this.#loaded;
    const started = this.#next('started');
    this.#send({ type: 'start', env, kill, slowChunkMs });
    // One that is to die in a job that it adopts may do so before it says that it has started.
    await (kill === undefined ? started : Promise.race([started.catch(() => undefined), this.exited]));
  }

  async arm({ kill, slowChunkMs = 0 }: KillPlan): Promise<void> {
    const armed = this.#next('armed');
    this.#send({ type: 'arm', kill, slowChunkMs });
    await armed;
  }

  /** Resolves when a stream of a link has come so far. */
  async streaming(bytes: number): Promise<void> {
    await this.#next('streaming', (message) => message.type === 'streaming' && message.bytes >= bytes);
  }

  /** Resolves when it makes this call for the next time. */
  async calling(name: string): Promise<void> {
    await this.#next('trace', (message) => message.type === 'trace' && message.trace.name === name);
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.isAlive) this.#child.kill(signal);
    await this.exited;
  }

  #send(command: WorkerCommand): void {
    this.#child.send(command);
  }

  #hear(message: WorkerMessage): void {
    if (message.type === 'trace') this.traces.push(message.trace);
    if (message.type === 'finished') this.calls = message.calls;
    for (const listener of [...this.#waiting]) listener(message);
  }

  async #next(
    type: WorkerMessage['type'],
    fits: (message: WorkerMessage) => boolean = (message) => message.type === type,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => reject(new Error(`worker: no ${type} in time`)), startTimeoutMs);
    const listener = (message: WorkerMessage): void => {
      if (message.type === 'failed') reject(new Error(`worker: ${message.message}`));
      if (fits(message)) resolve(undefined);
    };
    this.#waiting.add(listener);
    void this.exited.then(() => reject(new Error(`worker: ended before ${type}: ${this.lastWords}`)));
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(listener);
    }
  }
}
