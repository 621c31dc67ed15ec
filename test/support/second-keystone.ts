/** One more real Keystone on the cloud's database and keys, set up in a way that the cloud's own is not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './chart/addresses.ts';
import { devcloudFile } from './devcloud.ts';

/** Keystone's own list: tokens name their methods by their places in it, and the cloud's Keystone reads these tokens too. */
export const usualMethods = 'external,password,token,oauth1,mapped,application_credential';

export interface SecondKeystone {
  /** With /v3. */
  authUrl: string;
  close(): Promise<void>;
}

export interface SecondKeystoneOptions {
  /** More sections of its configuration. */
  conf: string;
  /** More arguments for uWSGI. */
  arguments?: readonly string[];
}

export async function startSecondKeystone(options: SecondKeystoneOptions): Promise<SecondKeystone> {
  const directory = await mkdtemp('/tmp/ek-keystone-');
  const cloudConf = await readFile(devcloudFile('etc/keystone/keystone.conf'), 'utf8');
  // Keystone takes the secret out of the very credential that an in-memory cache keeps, and then misses it.
  const conf = cloudConf.replace('[cache]\nenabled = true', '[cache]\nenabled = false');
  await writeFile(join(directory, 'keystone.conf'), `${conf}\n${options.conf}\n`);
  const port = await freePort();
  const settings = ['--need-app', '--die-on-term', '--enable-threads', '--threads=4', '--buffer-size=65535'];
  const server = spawn(
    'uwsgi_python3',
    [
      `--http-socket=127.0.0.1:${port}`,
      '--wsgi-file=/usr/bin/keystone-wsgi-public',
      '--rem-header=Content-Length',
      ...settings,
      ...(options.arguments ?? []),
    ],
    {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', OS_KEYSTONE_CONFIG_DIR: directory },
      stdio: 'ignore',
    },
  );
  const exited = once(server, 'exit');
  const close = async (): Promise<void> => {
    server.kill('SIGTERM');
    await exited;
    await rm(directory, { recursive: true });
  };
  const authUrl = `http://127.0.0.1:${port}/v3`;
  for (let round = 0; round < 300; round += 1) {
    if (server.exitCode !== null) break;
    const answers = await fetch(authUrl).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return { authUrl, close };
    await sleep(200);
  }
  await close();
  throw new Error('the second Keystone did not start');
}
