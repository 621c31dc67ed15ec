import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createOpenStack, type OpenStack } from '../../../src/drivers/openstack/openstack.ts';
import { credentialsOf, devcloudFile, openCloud, projectNamed } from '../../support/devcloud.ts';

const tokenSeconds = 6;
let openstack: OpenStack;

before(() => {
  openstack = openCloud('emberkeep');
});
after(() => openstack.close());

/** One call to each service, as a job makes them between its steps. */
async function touchEverything(cloud: OpenStack): Promise<void> {
  await cloud.nova.listServersPage({ limit: 1, allProjects: true });
  await cloud.cinder.listServices();
  await cloud.identity.listOwnProjects();
  await cloud.glance.getImage('00000000-0000-4000-8000-000000000000').catch((error: unknown) => {
    assert.equal((error as { code?: string }).code, 'NOTFOUND_IMAGE');
  });
}

test('a token that is revoked between two calls is replaced without the job noticing', async () => {
  await touchEverything(openstack);
  const before = await openstack.keystone.token();
  // As an operator or a password change would: behind the client's back. A service may believe the old token for a
  // while (keystonemiddleware caches), so Keystone itself is asked, which never does.
  await revokeBehindItsBack(before.value);
  await openstack.identity.listOwnProjects();
  assert.notEqual((await openstack.keystone.token()).value, before.value);
  await touchEverything(openstack);
});

test('the same in the project of a tenant', async () => {
  const tenant = openstack.inProject(await projectNamed(openstack, 'tenant'));
  await tenant.cinder.listVolumes().next();
  await revokeBehindItsBack((await tenant.keystone.token()).value);
  await tenant.identity.listOwnProjects();
  await tenant.nova.listServersPage({ limit: 1 });
  await tenant.cinder.listVolumes().next();
});

async function revokeBehindItsBack(value: string): Promise<void> {
  const admin = openCloud('devcloud-admin');
  try {
    const headers = { 'X-Subject-Token': value };
    await admin.keystone.identity.request({
      method: 'DELETE',
      path: '/auth/tokens',
      headers,
      expected: [204],
    });
  } finally {
    admin.close();
  }
}

test(`a job outlives many tokens of ${tokenSeconds} seconds`, async () => {
  const keystone = await startKeystone();
  const cloud = createOpenStack({ credentials: { ...credentialsOf('emberkeep'), authUrl: keystone.url } });
  try {
    const seen = new Set<string>();
    const started = performance.now();
    while (performance.now() - started < tokenSeconds * 2500) {
      await touchEverything(cloud);
      seen.add((await cloud.keystone.token()).value);
      await pause(500);
    }
    assert.ok(seen.size >= 3, `${seen.size} tokens were used`);
    // Asleep over the end of a token, as a worker is during an hours-long export.
    await pause(tokenSeconds * 1000 + 1000);
    await touchEverything(cloud);
  } finally {
    cloud.close();
    await keystone.stop();
  }
});

/** A second real Keystone on the same database and keys, whose tokens live for seconds. */
async function startKeystone(): Promise<{ url: string; stop: () => Promise<void> }> {
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
