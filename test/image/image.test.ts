/**
 * The built image, as user 42424 with a read-only root, on the development cloud: what is in it, and the main job through it.
 * `EMBERKEEP_IMAGE` names it (deploy/image/build-local.sh makes one); needs podman and root.
 */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import type { WireJob } from '../../src/entry/cli/wire.ts';
import { Cleanup, openCloud } from '../support/devcloud.ts';
import { Containers } from '../support/image/containers.ts';
import { install } from '../support/image/installed.ts';
import { changeImage, headSha256, removeImage } from '../support/rbd-image.ts';
import { ScratchCloud } from '../support/scratch-cloud.ts';

const mib = 1024 * 1024;
const cleanup = new Cleanup();
let containers: Containers;
let directory: string;

before(async () => {
  directory = await mkdtemp('/tmp/ek-image-');
  await chmod(directory, 0o711);
  cleanup.add(() => rm(directory, { recursive: true }));
  containers = await Containers.open(directory);
});
after(() => cleanup.run());

/** Standard output of a shell in the image. */
async function inImage(script: string): Promise<string> {
  return (await containers.complete(['-euc', script], { entrypoint: '/bin/sh' })).trim();
}

test('the image says what it is, and runs as a user of its own under tini', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const { Labels, User, Entrypoint, Healthcheck } = await containers.imageConfig();
  assert.equal(Labels['org.opencontainers.image.title'], 'Emberkeep');
  assert.equal(Labels['org.opencontainers.image.version'], version);
  assert.match(Labels['org.opencontainers.image.revision'] ?? '', /^([0-9a-f]{40}|unknown)$/);
  assert.equal(User, '42424:42424');
  assert.deepEqual(Entrypoint, ['/usr/bin/tini', '--', 'emberkeep']);
  assert.equal(Healthcheck?.Test[0], 'CMD');
  assert.match(await inImage('getent passwd 42424'), /^emberkeep:x:42424:42424:.*:\/usr\/sbin\/nologin$/);
  assert.equal((await containers.complete(['--version'])).trim(), version);
});

test('the image has what the service runs and nothing that only builds or tests it', async () => {
  assert.match(
    await inImage('rbd --version; rados --version; ceph --version; zstd --version'),
    /ceph version/,
  );
  const portal = await inImage('cat /opt/emberkeep/dist/portal/index.html');
  assert.match(portal, /<script type="module"/);
  const { devDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const installed = (await inImage('cd /opt/emberkeep/node_modules; ls -d * @*/*')).split('\n');
  assert.ok(installed.includes('express'));
  assert.deepEqual(
    Object.keys(devDependencies).filter((name) => installed.includes(name)),
    [],
  );
  assert.equal(await inImage('find /opt/emberkeep/dist -name "*.test.*"'), '');
  // What the build mounts to reach registries stays out.
  assert.equal(
    await inImage('ls -A /usr/local/etc /mnt /var/lib/apt/lists /src 2>/dev/null || :'),
    emptyFolders,
  );
  await assert.rejects(inImage('touch /opt/emberkeep/x'), /Read-only file system/);
});

const emptyFolders = '/mnt:\n\n/usr/local/etc:\n\n/var/lib/apt/lists:';

test('API and worker start, back up, restore, answer the health check and drain on SIGTERM', async (t) => {
  const scratch = await ScratchCloud.open('image');
  cleanup.add(() => scratch.close());
  const { mounts, ports } = await install(scratch.name('user'), directory, cleanup);
  const volume = await scratch.volume();
  const source = `volumes/volume-${volume}`;
  await changeImage(source, [{ kind: 'write', offset: 0, length: 16 * mib, seed: 1 }]);
  const sha256 = await headSha256(source);

  const settings = (role: string): { mounts: typeof mounts; env: Record<string, string> } => ({
    mounts,
    env: {
      OS_CLIENT_CONFIG_FILE: '/etc/emberkeep/clouds.yaml',
      EMBERKEEP_CONFIG: `/etc/emberkeep/${role}.yaml`,
      EMBERKEEP_STATE_DIR: `/var/lib/emberkeep/${role}`,
      HEALTH_URL: `http://127.0.0.1:${role === 'api' ? ports.api : ports.workerMetrics}/livez`,
    },
  });
  const ask = async <T>(...command: string[]): Promise<T> => {
    const { mounts: same, env } = settings('api');
    const options = { mounts: same, env: { ...env, EMBERKEEP_ENDPOINT: `http://127.0.0.1:${ports.api}` } };
    return JSON.parse(
      await containers.complete(['--os-cloud', 'admin', ...command, '-f', 'json'], options),
    ) as T;
  };

  const { Healthcheck } = await containers.imageConfig();
  await containers.complete(['catalog', 'migrate'], settings('api'));
  const [api, worker] = [scratch.name('api'), scratch.name('worker')];
  for (const [name, role] of [
    [api, 'api'],
    [worker, 'worker'],
  ] as const) {
    cleanup.add(() => containers.remove(name));
    const startedMs = performance.now();
    await containers.start(name, ['serve', '--role', role], settings(role));
    await ready(name, role === 'api' ? ports.api : ports.workerMetrics);
    t.diagnostic(`${role}: ready after ${Math.round(performance.now() - startedMs)} ms`);
    const check = Healthcheck?.Test.slice(1) ?? [];
    await containers.podman('exec', name, ...check);
    await assert.rejects(
      containers.podman('exec', '--env=HEALTH_URL=http://127.0.0.1:1/livez', name, ...check),
    );
  }
  const page = await fetch(`http://127.0.0.1:${ports.api}/portal/`);
  assert.match(await page.text(), /<script type="module"/);

  await ask('backup', '--volume', volume);
  const restored = await ask<{ disks: [{ image: string }] }>(
    'restore',
    '--volume',
    volume,
    '--mode',
    'image',
  );
  const [{ image }] = restored.disks;
  cleanup.add(() => removeImage(image));
  assert.equal(await headSha256(image), sha256);

  // At 1 MiB/s it is still at it when the worker is told to stop.
  await ask('backup', '--volume', volume, '--full', '--bandwidth', '1', '--no-wait');
  await untilOneRuns(ports.api);
  const ended = await containers.stop(worker);
  assert.equal(ended.code, 0, ended.said);
  assert.match(ended.said, /Stopping: running jobs get a moment/);
  assert.deepEqual(await backupStates(ports.api), ['succeeded', 'succeeded']);
  const stopped = await containers.stop(api);
  assert.equal(stopped.code, 0, stopped.said);
});

async function backupStates(port: number): Promise<string[]> {
  const admin = openCloud('devcloud-admin');
  try {
    const { value: token } = await admin.keystone.token();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/jobs`, { headers: { 'x-auth-token': token } });
    const { jobs } = (await answer.json()) as { jobs: WireJob[] };
    return jobs.filter(({ kind }) => kind === 'backup').map(({ state }) => state);
  } finally {
    admin.close();
  }
}

async function untilOneRuns(port: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < 120_000; waitedMs += 200) {
    if ((await backupStates(port)).includes('running')) return;
    await sleep(200);
  }
  throw new Error('the job did not begin to run');
}

async function ready(name: string, port: number): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 100) {
    const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    if (waitedMs > 180_000 || !(await containers.isRunning(name)))
      throw new Error(`${name} is not ready: ${await containers.said(name)}`);
    await sleep(100);
  }
}
