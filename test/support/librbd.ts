/** librbd for tests: a Python process beside each test file's, which ends with it (librbd.py). */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { devcloud } from './devcloud.ts';

const program = join(import.meta.dirname, 'librbd.py');

interface Answer {
  result?: unknown;
  error?: string;
}

class Librbd {
  readonly #child: ChildProcess;
  readonly #input: Socket;
  readonly #output: Socket;
  readonly #waiting: ((answer: Answer) => void)[] = [];

  constructor() {
    const { cephConf, keyring } = devcloud();
    const child = spawn('/usr/bin/python3', [program, cephConf, keyring], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { stdin, stdout } = child;
    // So they are by the documentation of child_process; their types are wider.
    if (!(stdin instanceof Socket && stdout instanceof Socket)) throw new Error('pipes are sockets');
    [this.#child, this.#input, this.#output] = [child, stdin, stdout];
    createInterface(stdout).on('line', (line) => this.#take(JSON.parse(line) as Answer));
    child.once('close', (code) => {
      open = undefined;
      for (const take of this.#waiting.splice(0)) take({ error: `librbd.py ended with ${code}` });
    });
  }

  async ask(order: object): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.push(resolve);
    this.#keepAlive(true);
    this.#input.write(`${JSON.stringify(order)}\n`);
    return await promise;
  }

  #take(answer: Answer): void {
    this.#waiting.shift()?.(answer);
    if (this.#waiting.length === 0) this.#keepAlive(false);
  }

  /** A test file ends when its tests have, so what waits for the next order must not keep it; what waits for an answer must. */
  #keepAlive(whether: boolean): void {
    const word = whether ? 'ref' : 'unref';
    for (const handle of [this.#child, this.#input, this.#output]) handle[word]();
  }
}

let open: Librbd | undefined;

/** The verbs and what they take and give: librbd.py. `spec` is `POOL`, `POOL/IMAGE` or `POOL/IMAGE@SNAPSHOT`. */
export async function librbd<T = unknown>(verb: string, spec: string, more: object = {}): Promise<T> {
  open ??= new Librbd();
  const [pool, image] = spec.split('/');
  const { result, error } = await open.ask({ verb, pool, image, ...more });
  if (error !== undefined) throw new Error(`${verb} ${spec}: ${error}`);
  return result as T;
}
