import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { devcloud, devcloudFile, openCloud, type Cleanup } from '../support/devcloud.ts';
import { CinderDatabase } from './cinder-database.ts';
import { allocatedBytes } from './cluster-bytes.ts';
import type { Figures } from './figures.ts';
import { isLeftover, prefix } from './names.ts';
import { treeCpuSeconds, watchTree } from './process-figures.ts';
import { createVolume, imageOf, removeVolume, type SceneCinder } from './scene.ts';
import { runShell } from './shell.ts';
import type { Say } from './turns.ts';

/** The same in every run, so that one can remove the backups that a killed one has left: only their host does that. */
const host = 'emberkeep-bench';
const pool = 'emberkeep-bench';
const ownName = `${prefix}${process.pid}`;
const startTimeoutMs = 120_000;
const backupTimeoutMs = 600_000;

interface Backup {
  id: string;
  name: string | null;
  status: string;
}

interface Tools {
  cleanup: Cleanup;
  say: Say;
  signal: AbortSignal;
}

/** A cinder-backup service of our own, with the Ceph driver and a pool for itself, in the development cloud's Cinder. */
export class CinderBackup {
  readonly #service: ChildProcess;
  readonly #database: CinderDatabase;
  readonly #cloud = openCloud('emberkeep');
  readonly #cinder: SceneCinder;
  readonly #sizeBytes: number;

  private constructor(
    service: ChildProcess,
    database: CinderDatabase,
    cinder: SceneCinder,
    sizeBytes: number,
  ) {
    this.#service = service;
    this.#database = database;
    this.#cinder = cinder;
    this.#sizeBytes = sizeBytes;
  }

  /** Resolves when it has backed up an empty volume; undefined where it is not installed. */
  static async start(
    { directory, sizeBytes }: { directory: string; sizeBytes: number },
    cinder: SceneCinder,
    { cleanup, say, signal }: Tools,
  ): Promise<CinderBackup | undefined> {
    if ((await runShell('command -v cinder-backup || true')) === '') {
      say('cinder-backup is left out: it is not installed (apt-get install cinder-backup)');
      return undefined;
    }
    say('starting cinder-backup, which takes its scheduler a minute');
    await runShell(`ceph osd pool create ${pool} 16 2> /dev/null; rbd pool init ${pool}`);
    cleanup.add(() =>
      runShell(`ceph osd pool rm ${pool} ${pool} --yes-i-really-really-mean-it 2> /dev/null`),
    );
    const home = join(directory, 'cinder-backup');
    const service = await startService(home);
    cleanup.add(() => stopService(service, home));
    const database = new CinderDatabase(devcloudFile('run/mariadb.sock'));
    cleanup.add(() => database.close());
    const own = new CinderBackup(service, database, cinder, sizeBytes);
    cleanup.add(() => own.#close());
    await own.#accepted(signal);
    return own;
  }

  /** Stored bytes are what the cluster's allocation grew by. */
  async backup(volumeId: string, incremental: boolean): Promise<{ backupId: string; figures: Figures }> {
    const before = await allocatedBytes();
    let backupId = '';
    const figures = await this.#measure(async () => {
      backupId = await this.#request(volumeId, incremental);
      await this.#available(backupId);
    });
    const storedBytes = (await allocatedBytes()) - before;
    return { backupId, figures: { ...figures, storedBytes } };
  }

  /** Into a volume that is made before, as the bare commands' images are. */
  async restore(backupId: string): Promise<{ image: string; figures: Figures; remove: () => Promise<void> }> {
    const volumeId = await createVolume(this.#cinder, this.#sizeBytes, '-target');
    const remove = (): Promise<void> => removeVolume(this.#cinder, volumeId);
    try {
      const figures = await this.#measure(async () => {
        await this.#call('POST', `/backups/${backupId}/restore`, { restore: { volume_id: volumeId } });
        await this.#available(backupId);
      });
      return { image: imageOf(volumeId), figures, remove };
    } catch (error) {
      await remove();
      throw error;
    }
  }

  async remove(backupId: string): Promise<void> {
    await this.#call('DELETE', `/backups/${backupId}`);
    await this.#database.until(backupId, ['deleted'], backupTimeoutMs);
  }

  /** From the API call until the database says that it is done: polling the API would cost it CPU. */
  async #measure(work: () => Promise<void>): Promise<Figures> {
    const { pid } = this.#service;
    if (pid === undefined || this.#service.exitCode !== null) throw new Error('cinder-backup has ended');
    const cpuBefore = treeCpuSeconds(pid);
    const stopWatching = watchTree(pid);
    const started = performance.now();
    try {
      await work();
      const seconds = (performance.now() - started) / 1000;
      const cpuSeconds = treeCpuSeconds(pid) - cpuBefore;
      const peakRssBytes = stopWatching();
      const rest = { storedBytes: 0, syncSeconds: 0, rbdPeakRssBytes: 0, parts: {} };
      return { seconds, cpuSeconds, peakRssBytes, transferSeconds: seconds, ...rest };
    } finally {
      stopWatching();
    }
  }

  async #request(volumeId: string, incremental: boolean): Promise<string> {
    const body = { backup: { volume_id: volumeId, name: ownName, incremental } };
    const { backup } = await this.#call<{ backup: { id: string } }>('POST', '/backups', body);
    return backup.id;
  }

  async #available(backupId: string): Promise<void> {
    await this.#database.until(backupId, ['available'], backupTimeoutMs);
  }

  /**
   * The scheduler refuses until it has heard that the driver works, a minute after the start; the interval cannot be set.
   * Removes what runs that were killed have left.
   */
  async #accepted(signal: AbortSignal): Promise<void> {
    const volumeId = await createVolume(this.#cinder, 1024 ** 3, '-first');
    try {
      const deadline = performance.now() + startTimeoutMs;
      for (;;) {
        const backupId = await this.#request(volumeId, false);
        const status = await this.#database.until(backupId, ['available', 'error'], startTimeoutMs);
        if (status === 'available') break;
        if (performance.now() > deadline) throw new Error('cinder-backup is not accepted by its scheduler');
        await sleep(5000, undefined, { signal });
      }
      // Only now: nothing can be removed before a service is there.
      for (const backup of await this.#backups())
        if (backup.name === ownName || (await isLeftover(backup.name))) await this.#removeStuck(backup);
    } finally {
      await removeVolume(this.#cinder, volumeId);
    }
  }

  /** One at which a service was at work when it was killed has to be called a failure first. */
  async #removeStuck({ id, status }: Backup): Promise<void> {
    if (!['available', 'error'].includes(status)) {
      // The API's os-reset_status does nothing for one that no service has taken up yet.
      await this.#database.markFailed(id);
    }
    await this.remove(id);
  }

  /** The newest first, as Cinder wants them removed. */
  async #backups(): Promise<(Backup & { name: string })[]> {
    const { backups } = await this.#call<{ backups: Backup[] }>('GET', '/backups/detail');
    return backups.map((backup) => ({ ...backup, name: backup.name ?? '' }));
  }

  /** Removes what this run has made. */
  async #close(): Promise<void> {
    try {
      const own = (await this.#backups()).filter(({ name }) => name === ownName);
      for (const { id } of own) await this.remove(id);
    } finally {
      this.#cloud.close();
    }
  }

  async #call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const service = this.#cloud.keystone.service('block-storage');
    const response = await service.request({
      method,
      path,
      expected: [200, 202],
      ...(body === undefined ? {} : { body }),
    });
    return response.body as T;
  }
}

async function startService(home: string): Promise<ChildProcess> {
  const { cephConf, keyring } = devcloud();
  await mkdir(join(home, 'etc-ceph'), { recursive: true });
  await writeFile(
    join(home, 'cinder-backup.conf'),
    `[DEFAULT]
host = ${host}
state_path = ${home}
backup_driver = cinder.backup.drivers.ceph.CephBackupDriver
backup_ceph_conf = ${cephConf}
backup_ceph_user = admin
backup_ceph_pool = ${pool}
[oslo_concurrency]
lock_path = ${join(home, 'lock')}
`,
  );
  const log = await open(join(home, 'log'), 'a');
  // os-brick reads the keyring below /etc/ceph alone, so the service gets one that nobody else sees.
  const line = `cp ${keyring} ${cephConf} ${join(home, 'etc-ceph')}
    mount --bind ${join(home, 'etc-ceph')} /etc/ceph
    exec setpriv --pdeathsig TERM cinder-backup ${configFiles(home)}`;
  const service = spawn('unshare', ['-m', 'bash', '-euc', line], {
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    // A terminal's interrupt is ours to handle.
    detached: true,
  });
  await log.close();
  return service;
}

function configFiles(home: string): string {
  const ofCloud = devcloudFile('etc/cinder/cinder.conf');
  return `--config-file ${ofCloud} --config-file ${join(home, 'cinder-backup.conf')}`;
}

async function stopService(service: ChildProcess, home: string): Promise<void> {
  if (service.exitCode === null && service.signalCode === null) {
    const exited = once(service, 'exit');
    service.kill('SIGTERM');
    const timer = setTimeout(() => service.kill('SIGKILL'), 15_000);
    await exited;
    clearTimeout(timer);
  }
  // One that ended early was never known.
  await runShell(
    `PATH=/usr/bin:/bin cinder-manage ${configFiles(home)} service remove cinder-backup ${host} || true`,
  );
}
