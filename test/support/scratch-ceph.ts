/**
 * A Ceph of a test's own, whose OSD may be killed and stopped: one monitor and one OSD on 127.0.0.1, without cephx, in a
 * directory that goes at the end. No manager: nothing that is tested on it asks for statistics.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';

const run = promisify(execFile);
const limitMs = 60_000;

export interface ScratchCeph {
  confPath: string;
  rbd(...args: string[]): Promise<string>;
  /** SHA-256 of all that is in `POOL/IMAGE`, holes as zeros. */
  sha256(spec: string): Promise<string>;
  /** SHA-256 of the first 2 MiB of `POOL/IMAGE`: for images whose rest is empty, in a fraction of the time. */
  headSha256(spec: string): Promise<string>;
  /** The OSD dies as with its host, and the monitor is told. */
  killOsd(): Promise<void>;
  /** Begins to start it again. */
  startOsd(): void;
  /** Stands still for so long out of each second, until the returned function is called. */
  slowOsd(stillMs: number): () => Promise<void>;
  close(): Promise<void>;
}

export async function startScratchCeph(pools: readonly string[]): Promise<ScratchCeph> {
  const directory = await mkdtemp('/tmp/ek-ceph-');
  const confPath = join(directory, 'ceph.conf');
  const children = new Set<ChildProcess>();
  let osd: ChildProcess | undefined;

  const tool = async (program: string, ...args: string[]): Promise<string> =>
    (await run(program, [...args, '-c', confPath], { timeout: limitMs })).stdout;

  function start(program: string, id: string): ChildProcess {
    const child = spawn(program, ['-f', '-i', id, '-c', confPath], { stdio: 'ignore' });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  }

  async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async function close(): Promise<void> {
    await Promise.all([...children].map(end));
    await rm(directory, { recursive: true, force: true });
  }

  const startOsd = (): void => {
    osd = start('ceph-osd', '0');
  };

  async function killOsd(): Promise<void> {
    if (osd !== undefined) await end(osd);
    await tool('ceph', 'osd', 'down', '0');
  }

  function slowOsd(stillMs: number): () => Promise<void> {
    const stop = new AbortController();
    const slowing = (async () => {
      while (!stop.signal.aborted) {
        osd?.kill('SIGSTOP');
        await sleep(stillMs);
        osd?.kill('SIGCONT');
        await sleep(1000 - stillMs);
      }
    })();
    return async () => {
      stop.abort();
      await slowing;
    };
  }

  try {
    const fsid = randomUUID();
    const osdUuid = randomUUID();
    const port = await freePort();
    await Promise.all(['mon', 'osd'].map((name) => mkdir(join(directory, name))));
    await writeFile(confPath, settings(directory, fsid, port));
    const map = join(directory, 'monmap');
    await run('monmaptool', ['--create', '--addv', 'a', `[v2:127.0.0.1:${port}]`, '--fsid', fsid, map]);
    await tool('ceph-mon', '-i', 'a', '--mkfs', '--monmap', map);
    start('ceph-mon', 'a');
    await tool('ceph', 'osd', 'new', osdUuid);
    await tool('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osdUuid);
    startOsd();
    for (const pool of pools) await tool('ceph', 'osd', 'pool', 'create', pool, '1', '1');
    for (const pool of pools) await tool('rbd', 'pool', 'init', pool);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    confPath,
    rbd: (...args) => tool('rbd', ...args),
    sha256: async (spec) => {
      const command = 'set -o pipefail; rbd -c "$0" export --no-progress "$1" - | sha256sum';
      return (await run('bash', ['-c', command, confPath, spec])).stdout.slice(0, 64);
    },
    headSha256: async (spec) => {
      // The export ends when nobody reads on; one that fails before gives another sum than any image.
      const command = 'rbd -c "$0" export --no-progress "$1" - 2>/dev/null | head -c 2097152 | sha256sum';
      return (await run('bash', ['-c', command, confPath, spec])).stdout.slice(0, 64);
    },
    killOsd,
    startOsd,
    slowOsd,
    close,
  };
}

function settings(directory: string, fsid: string, port: number): string {
  return `[global]
fsid = ${fsid}
mon_host = [v2:127.0.0.1:${port}]
public_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = ${directory}
admin_socket =
log_file = ${directory}/$name.log
crash_dir = ${directory}
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
[client]
log_file =
[mon]
mon_data = ${directory}/mon
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
paxos_propose_interval = 0.05
[osd]
osd_data = ${directory}/osd
osd_objectstore = bluestore
bluestore_block_size = ${2 ** 31}
osd_memory_target = 939524096
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
