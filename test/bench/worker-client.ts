import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import type { Answer, Done, Order } from './orders.ts';
import { howStarted } from './program.ts';

/** The worker process; it ends when this one does. */
export class WorkerClient {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when the service answers; `variables` name its store. */
  static async start(stateDir: string, variables: Record<string, string>): Promise<WorkerClient> {
    const { env, execArgv } = howStarted();
    const child = fork(
      join(import.meta.dirname, `worker${extname(import.meta.filename)}`),
      [stateDir, ...Object.keys(variables)],
      { env: { ...process.env, ...env, ...variables }, execArgv },
    );
    const client = new WorkerClient(child);
    await client.#message();
    return client;
  }

  async run(order: Order): Promise<Done> {
    this.#child.send(order);
    const answer = (await this.#message()) as Answer;
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await exited;
  }

  async #message(): Promise<unknown> {
    const gone = new AbortController();
    const onExit = (code: number | null): void =>
      gone.abort(new Error(`the worker ended with ${code ?? 'a signal'}`));
    this.#child.once('exit', onExit);
    try {
      const [message] = (await once(this.#child, 'message', { signal: gone.signal })) as [unknown];
      return message;
    } catch (error) {
      throw gone.signal.aborted ? gone.signal.reason : error;
    } finally {
      this.#child.off('exit', onExit);
    }
  }
}
