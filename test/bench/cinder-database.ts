import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 20;

/** Looks at backups in Cinder's database, as the benchmark looks at jobs in Emberkeep's. */
export class CinderDatabase {
  readonly #client: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(socket: string) {
    const args = [`--socket=${socket}`, '--user=root', '--batch', '--skip-column-names', '--unbuffered'];
    this.#client = spawn('mariadb', ['--no-defaults', ...args, 'cinder'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (this.#client.stdout === null) throw new Error('no output');
    this.#lines = createInterface({ input: this.#client.stdout })[Symbol.asyncIterator]();
  }

  /** Waits until a backup has one of these statuses and gives it; throws when it ends in another, and when time is up. */
  async until(backupId: string, statuses: readonly string[], timeoutMs: number): Promise<string> {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      const { status, reason } = await this.#look(backupId);
      if (statuses.includes(status)) return status;
      if (status.startsWith('error')) throw new Error(`cinder-backup ${status}: ${reason}`);
      await sleep(pollMs);
    }
    throw new Error(`backup ${backupId} did not become ${statuses.join(' or ')} in ${timeoutMs} ms`);
  }

  async markFailed(backupId: string): Promise<void> {
    this.#client.stdin?.write(`UPDATE backups SET status = 'error' WHERE id = '${backupId}';\n`);
    // Its answer means that the line before is done.
    await this.#look(backupId);
  }

  async close(): Promise<void> {
    if (this.#client.exitCode !== null) return;
    const exited = once(this.#client, 'exit');
    this.#client.stdin?.end();
    await exited;
  }

  async #look(backupId: string): Promise<{ status: string; reason: string }> {
    this.#client.stdin?.write(
      `SELECT IF(deleted, 'deleted', status), IFNULL(fail_reason, '') FROM backups WHERE id = '${backupId}';\n`,
    );
    const next = await this.#lines.next();
    if (next.done === true) throw new Error('the client of the database has ended');
    const [status = '', reason = ''] = next.value.split('\t');
    return { status, reason };
  }
}
