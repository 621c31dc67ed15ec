import { spawn } from 'node:child_process';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, ExecaError } from 'execa';
import pg from 'pg';
import { AppError } from '../../../base/errors.ts';
import { setprivArguments } from './account.ts';
import { findPostgres, type PostgresBinaries } from './binaries.ts';
import { holdDirectory } from './holder.ts';
import { endLeftoverServer } from './leftover.ts';
import { preparePlace, type ServerPlace } from './place.ts';

export interface LocalPostgres {
  /** For every client in this process: `postgresql://...` over the private Unix socket. */
  url: string;
  pid: number;
  dataDir: string;
  /** Resolves when the server ends, asked to or not, with what it said last. */
  exited: Promise<{ expected: boolean; log: string }>;
  /** Fast shutdown: clients are disconnected, everything committed is on disk; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface LocalPostgresOptions {
  stateDir: string;
  signal?: AbortSignal;
  /** Of postgresql.conf, over ours: the server that many tests share needs more connections. */
  settings?: Record<string, string>;
}

const user = 'emberkeep';
const database = 'emberkeep';
const pollMs = 30;
/** Recovery after a crash replays at most max_wal_size; two minutes is plenty for a catalog. */
const startTimeoutMs = 120_000;
/** Nothing of our own environment (it holds passwords) is handed to the server. */
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' };

const usualSettings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '50',
  shared_buffers: '32MB',
  max_wal_size: '256MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
};

/**
 * Starts a PostgreSQL of our own, for when no database URL is configured: real PostgreSQL, so there is one SQL
 * dialect and one code path. It listens on a private Unix socket only and ends with this process, however that ends:
 * the kernel sends it SIGINT (fast shutdown) when its parent dies (PR_SET_PDEATHSIG by way of setpriv).
 *
 * @throws CATALOG_NO_POSTGRES, CONFLICT_DATABASE_IN_USE (with the holder's pid), CATALOG_STATE_*, CATALOG_POSTGRES_*.
 */
export async function startLocalPostgres({
  stateDir,
  signal,
  settings = {},
}: LocalPostgresOptions): Promise<LocalPostgres> {
  const place = await preparePlace(stateDir);
  const hold = await holdDirectory(place.directory);
  try {
    signal?.throwIfAborted();
    await endLeftoverServer(place.dataDir);
    const binaries = await findPostgres(await dataVersion(place.dataDir));
    await initialize(place, binaries);
    return await run(
      { place, binaries, settings: { ...usualSettings, ...settings } },
      () => hold.release(),
      signal,
    );
  } catch (error) {
    await hold.release();
    throw error;
  }
}

async function dataVersion(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'PG_VERSION'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number.parseInt(text, 10);
}

/** Makes the data directory under another name first: a kill in the middle leaves nothing that looks complete. */
async function initialize(place: ServerPlace, binaries: PostgresBinaries): Promise<void> {
  if ((await dataVersion(place.dataDir)) !== undefined) return;
  const unfinished = `${place.dataDir}.new`;
  await rm(unfinished, { recursive: true, force: true });
  const command = [
    ...setprivArguments(place.account),
    join(binaries.directory, 'initdb'),
    `--pgdata=${unfinished}`,
    `--username=${user}`,
    // Whoever can reach the socket is the same user (its folder is 0700) or root.
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--data-checksums',
    '--no-instructions',
  ];
  try {
    await execa('setpriv', command, { cwd: place.directory, env: environment, extendEnv: false });
  } catch (error) {
    const said = error instanceof ExecaError ? String(error.stderr).trim() : '';
    throw new AppError('CATALOG_POSTGRES_INIT', `The database could not be created: ${said}`, {
      cause: error,
    });
  }
  await rename(unfinished, place.dataDir);
}

interface ServerPlan {
  place: ServerPlace;
  binaries: PostgresBinaries;
  settings: Record<string, string>;
}

async function run(
  plan: ServerPlan,
  release: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<LocalPostgres> {
  const { place } = plan;
  const server = await spawnServer(plan);
  let expected = false;
  const exited = server.done.then(async () => {
    await release();
    return { expected, log: await lastLines(place.logFile) };
  });
  async function stop(): Promise<void> {
    expected = true;
    server.stop();
    await exited;
  }
  try {
    await waitUntilReady(place, () => server.isRunning(), signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: urlOf(place, database), pid: server.pid, dataDir: place.dataDir, exited, stop };
}

interface Server {
  pid: number;
  done: Promise<void>;
  isRunning(): boolean;
  stop(): void;
}

async function spawnServer({ place, binaries, settings }: ServerPlan): Promise<Server> {
  // One start's worth of warnings and errors: the file must not grow for ever.
  const log = await open(place.logFile, 'w', 0o600);
  try {
    const settingArguments = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(
      'setpriv',
      [
        ...setprivArguments(place.account),
        '--pdeathsig=INT',
        join(binaries.directory, 'postgres'),
        '-D',
        place.dataDir,
        '-k',
        place.socketDir,
        ...settingArguments,
      ],
      // A session of its own: Ctrl-C in the terminal is for Emberkeep, which still needs its database to end well.
      { cwd: place.directory, env: environment, stdio: ['ignore', log.fd, log.fd], detached: true },
    );
    let running = true;
    const done = new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    }).then(() => {
      running = false;
    });
    // A database must not keep alive a process that has nothing else to do; stop() waits all the same.
    child.unref();
    return {
      pid: child.pid ?? 0,
      done,
      isRunning: () => running,
      stop() {
        child.ref();
        child.kill('SIGINT');
      },
    };
  } finally {
    await log.close();
  }
}

async function waitUntilReady(
  place: ServerPlace,
  isRunning: () => boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let waitedMs = 0; waitedMs < startTimeoutMs; waitedMs += pollMs) {
    signal?.throwIfAborted();
    if (!isRunning()) break;
    if (await createDatabase(place)) return;
    await sleep(pollMs);
  }
  const log = await lastLines(place.logFile);
  throw new AppError('CATALOG_POSTGRES_START', `PostgreSQL did not start on ${place.dataDir}: ${log}`, {
    details: { dataDir: place.dataDir },
  });
}

/** True when the server answers and has our database; false while it is still coming up. */
async function createDatabase(place: ServerPlace): Promise<boolean> {
  const client = new pg.Client({
    connectionString: urlOf(place, 'postgres'),
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch {
    return false;
  }
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${database}`);
    return true;
  } finally {
    await client.end();
  }
}

function urlOf(place: ServerPlace, name: string): string {
  return `postgresql://${user}@localhost/${name}?host=${encodeURIComponent(place.socketDir)}`;
}

async function lastLines(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-10).join(' | ');
}
