import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../base/errors.ts';

const pollMs = 50;

/**
 * Ends the server that an earlier process left behind (its holder was killed, so it is usually shutting down
 * already) and returns when it is gone. Call it only as the holder of the directory.
 *
 * @throws CATALOG_POSTGRES_STUCK when it does not end.
 */
export async function endLeftoverServer(dataDir: string): Promise<void> {
  const pid = await leftoverPid(dataDir);
  if (pid === undefined) return;
  // SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one (the next start then recovers from the log).
  for (const [signal, patienceMs] of [
    ['SIGINT', 60_000],
    ['SIGQUIT', 10_000],
  ] as const) {
    send(pid, signal);
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pollMs) {
      if (!(await runs(pid, dataDir))) return;
      await sleep(pollMs);
    }
  }
  throw new AppError(
    'CATALOG_POSTGRES_STUCK',
    `A PostgreSQL server (process ${pid}) still runs on ${dataDir} and does not end: stop it, then start again.`,
    { details: { pid, dataDir } },
  );
}

/** Process id in postmaster.pid when that process lives and is a server of this directory, not a reused id. */
export async function leftoverPid(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isNaN(pid) || !(await runs(pid, dataDir)) ? undefined : pid;
}

async function runs(pid: number, dataDir: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes(dataDir);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw new AppError(
      'CATALOG_POSTGRES_STUCK',
      `PostgreSQL (process ${pid}) cannot be stopped by this user.`,
      {
        cause: error,
        details: { pid },
      },
    );
  }
}
