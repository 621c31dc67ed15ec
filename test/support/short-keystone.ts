import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { devcloudFile } from './devcloud.ts';

/** A second real Keystone on the same database and keys, whose tokens live for seconds. */
export async function startShortKeystone(
  tokenSeconds: number,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'emberkeep-keystone-'));
  const settings = readFileSync(devcloudFile('etc/keystone/keystone.conf'), 'utf8');
  writeFileSync(
    join(directory, 'keystone.conf'),
    settings.replace(/^expiration = .*$/m, `expiration = ${tokenSeconds}`),
  );
  const port = await freePort();
  const child = spawn(
    'uwsgi_python3',
    [
      '--http-socket',
      `127.0.0.1:${port}`,
      '--wsgi-file',
      '/usr/bin/keystone-wsgi-public',
      '--need-app',
      '--lazy-apps',
      '--die-on-term',
      '--enable-threads',
      '--threads',
      '2',
      '--buffer-size',
      '65535',
      '--rem-header',
      'Content-Length',
    ],
    {
      stdio: 'ignore',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', OS_KEYSTONE_CONFIG_DIR: directory, LC_ALL: 'C.UTF-8' },
    },
  );
  const url = `http://127.0.0.1:${port}/v3`;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    rmSync(directory, { recursive: true, force: true });
  };
  await answers(url, child).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url, stop };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) throw new Error(`keystone ended with ${child.exitCode}`);
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await pause(200);
  }
  throw new Error(`${url} does not answer`);
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
