/** The real program, `src/main.ts`, as a process of its own against the development cloud. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { devcloud, noConfig } from './devcloud.ts';

const script = join(import.meta.dirname, '../../src/main.ts');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export class MainProcess {
  /** Resolves at its end, however that came. */
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  #onText: () => void = () => undefined;

  constructor(args: readonly string[], env: Record<string, string>) {
    const { cephConf, cloudsYaml } = devcloud();
    this.#child = spawn(process.execPath, [script, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        EMBERKEEP_CONFIG: noConfig,
        CEPH_CONF: cephConf,
        OS_CLIENT_CONFIG_FILE: cloudsYaml,
        ...env,
      },
    });
    this.#child.stdout?.on('data', (text: Buffer) => (this.#stdout += text.toString()));
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#stderr += text.toString();
      this.#onText();
    });
    this.ended = new Promise((resolve) =>
      this.#child.once('close', (code) => {
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr });
        this.#onText();
      }),
    );
  }

  /** Resolves with the match once it stands on standard error; rejects when the process ends without. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#stderr);
      if (found !== null) return found;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`it ended without saying ${String(pattern)}: ${this.#stderr}`);
      await new Promise<void>((resolve) => (this.#onText = resolve));
    }
  }

  send(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }
}
