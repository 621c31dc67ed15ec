/** What breaks around the service: it says so in words one can act on, leaves nothing behind, and goes on afterwards. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { createOpenStack } from '../../../src/drivers/openstack/openstack.ts';
import { openCatalogServer } from '../../support/catalog-database.ts';
import { changeImage, imageSha256, listSnapshots } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { ApiFailure } from '../../support/service.ts';
import { credentialsOf, devcloud } from '../../support/devcloud.ts';

const mib = 1024 * 1024;
const run = promisify(execFile);

let scratch: ScratchCloud;
let folder: string;

before(async () => {
  scratch = await ScratchCloud.open('fault');
  folder = await mkdtemp('/tmp/ek-fault-');
});
after(async () => {
  await scratch.close();
  await rm(folder, { recursive: true });
});

async function start(t: TestContext, env: Record<string, string> = {}): Promise<FaultyService> {
  const service = await startFaultyService({ env });
  t.after(() => service.stop());
  return service;
}

/** A service with this much more in its configuration file. */
async function startConfigured(t: TestContext, yaml: string): Promise<FaultyService> {
  const path = join(folder, `${t.name.replace(/\W+/g, '-').slice(0, 40)}.yaml`);
  await writeFile(path, yaml);
  return await start(t, { EMBERKEEP_CONFIG: path });
}

async function imageWithData(length = 2 * mib): Promise<string> {
  const spec = await scratch.image('volumes', 64 * mib);
  await changeImage(spec, [{ kind: 'write', offset: 0, length, seed: 5 }]);
  return spec;
}

function answers(type: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ApiFailure, String(error));
    const { error: body } = error.body;
    assert.equal(body.type, type, body.message);
    assert.match(body.message, message);
    assert.ok(!body.message.includes('\n'), 'one line');
    return true;
  };
}

test('tokens that are revoked in the middle of a job are renewed', async (t) => {
  const service = await start(t);
  const { openstack, rbd } = service.real;
  const id = await scratch.volume();
  await changeImage(`volumes/volume-${id}`, [{ kind: 'write', offset: 0, length: mib, seed: 1 }]);
  const identity = scratch.admin.keystone;
  const revoked: string[] = [];
  const revoke = async (): Promise<void> => {
    for (const { keystone } of [openstack, openstack.inProject(scratch.projectId())]) {
      const { value } = await keystone.token();
      revoked.push(value);
      const response = await fetch(`${devcloud().authUrl}/auth/tokens`, {
        method: 'DELETE',
        headers: { 'x-auth-token': (await identity.token()).value, 'x-subject-token': value },
      });
      // 404: it was not needed since the last time, so nobody has noticed yet.
      assert.ok([204, 404].includes(response.status), String(response.status));
    }
  };
  service.hooks.rbd.createSnapshot = async (at, name) => {
    await revoke();
    await rbd.createSnapshot(at, name);
  };
  const { result } = await service.backup({ volume: id });
  service.clear();
  service.hooks.rbd.importDiff = async (at, stream, options) => {
    await rbd.importDiff(at, stream, options);
    await revoke();
  };
  const restored = await service.restore({ point: { id: result.point_id }, mode: 'volume' });
  assert.ok(restored.result.disks[0]?.new_volume_id);
  // Nova and Cinder may take a revoked token from their cache; Keystone, which is asked who calls, does not.
  await service.call('GET', '/v1/points', undefined, 'devcloud-other');
  assert.ok(!revoked.includes((await openstack.keystone.token()).value), 'a new token');
});

test('a wrong password is told in one line that names the user, not the password', async () => {
  const credentials = credentialsOf('emberkeep');
  const password = 'not-the-right-one';
  assert.ok(credentials.auth.kind === 'password');
  const openstack = createOpenStack({
    credentials: { ...credentials, auth: { ...credentials.auth, password } },
  });
  try {
    await assert.rejects(openstack.keystone.whoAmI(), (error) => {
      assert.ok(error instanceof Error && 'code' in error);
      assert.match(String(error.code), /^AUTH_/);
      assert.match(error.message, /emberkeep/);
      assert.doesNotMatch(error.message, /\n|not-the-right-one/);
      return true;
    });
  } finally {
    openstack.close();
  }
});

test('an endpoint of Cinder that nobody listens on is told', async (t) => {
  const away = createOpenStack({
    credentials: {
      ...credentialsOf('emberkeep'),
      endpointOverrides: { 'block-storage': 'http://127.0.0.1:1/v3' },
    },
    http: { backoff: { attempts: 2, firstDelayMs: 1, maxDelayMs: 1 } },
  });
  t.after(() => away.close());
  const service = await startFaultyService({ cinder: away.cinder });
  t.after(() => service.stop());
  await assert.rejects(
    service.call('POST', '/v1/backups', { target: { volume: 'any' } }),
    answers('OPENSTACK_UNREACHABLE', /127\.0\.0\.1:1/),
  );
});

test('a pool that is missing is told by name, before anything is begun', async (t) => {
  const service = await startConfigured(t, 'backups_pool: { cluster: ceph, pool: ek-no-such-pool }\n');
  const spec = await imageWithData();
  const { result } = await service.backup({ image: spec });
  const { job } = await service.failedRestore({ point: { id: result.point_id }, mode: 'image' });
  assert.equal(job.error?.type, 'CEPH_NO_POOL');
  assert.match(job.error.message, /no pool "ek-no-such-pool"; check the pools in the configuration/);
  await assert.rejects(
    service.call('POST', '/v1/backups', { target: { image: 'ek-no-such-pool/one' } }),
    answers('CEPH_NO_POOL', /ek-no-such-pool/),
  );
});

const keyrings: Record<string, { make?: (path: string) => Promise<unknown>; type: string; message: RegExp }> =
  {
    missing: { type: 'CEPH_NO_KEYRING', message: /check the path and permissions of the keyring/ },
    'a folder': {
      make: (path) => mkdir(path),
      type: 'CEPH_NO_KEYRING',
      message: /check the path and permissions of the keyring/,
    },
    empty: {
      make: (path) => writeFile(path, ''),
      type: 'CEPH_NO_PERMISSION',
      message: /Ceph refused the cephx user or its key/,
    },
  };

for (const [what, { make, type, message }] of Object.entries(keyrings)) {
  test(`a keyring that is ${what} is told`, async (t) => {
    const path = join(folder, `${what}.keyring`);
    await make?.(path);
    const { cephConf } = devcloud();
    const service = await startConfigured(
      t,
      `clusters: { ceph: { conf: ${cephConf}, keyring: "${path}" } }\n`,
    );
    await assert.rejects(
      service.call('POST', '/v1/backups', { target: { image: 'volumes/any' } }),
      answers(type, message),
    );
  });
}

test('a store that runs full fails the backup, leaves nothing, and takes the next one once there is room', async (t) => {
  const directory = join(folder, 'small');
  await mkdir(directory);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', directory]);
  t.after(() => run('umount', [directory]));
  const service = await start(t, { EMBERKEEP_STORE: directory });
  const spec = await imageWithData();
  await service.backup({ image: spec });
  const before = [await service.storedLinks(), await service.storedPoints()];
  await changeImage(spec, [{ kind: 'write', offset: 4 * mib, length: 20 * mib, seed: 6 }]);
  const { error } = await service.failedBackup({ image: spec });
  assert.equal(error?.type, 'STORE_FULL');
  assert.deepEqual([await service.storedLinks(), await service.storedPoints()], before);
  assert.equal((await listSnapshots(spec)).length, 1);
  await changeImage(spec, [{ kind: 'discard', offset: 4 * mib, length: 20 * mib }]);
  const { result } = await service.backup({ image: spec });
  assert.equal(result.disks[0]?.kind, 'increment');
});

test('PostgreSQL restarts in the middle of a backup: it ends well, and so does a restore after it', async (t) => {
  const database = await openCatalogServer();
  t.after(() => database.close());
  const service = await start(t, { EMBERKEEP_DATABASE_URL: database.url });
  const spec = await imageWithData();
  const { rbd } = service.real;
  service.hooks.rbd.createSnapshot = async (at, name) => {
    await rbd.createSnapshot(at, name);
    await database.restart();
  };
  const { result } = await backupThrough(service, spec);
  service.clear();
  const points = await service.pointsOf(spec);
  assert.deepEqual(
    points.map(({ id, state }) => [id, state]),
    [[result.point_id, 'complete']],
  );
  assert.equal((await listSnapshots(spec)).length, 1);
  const restored = await service.restore({ point: { id: result.point_id }, mode: 'image' });
  const image = restored.result.disks[0]?.image ?? '';
  scratch.adoptImage(image);
  assert.equal(await imageSha256(image), await imageSha256(spec));
});

/** While the database is away the API may say so; the job is asked for again until it has ended. */
async function backupThrough(service: FaultyService, spec: string) {
  const { jobs } = await service.call<{ jobs: [{ id: string }] }>('POST', '/v1/backups', {
    target: { image: spec },
  });
  for (let round = 0; ; round++) {
    try {
      const job = await service.ended(jobs[0].id);
      assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
      return job as Awaited<ReturnType<FaultyService['backup']>>;
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.status < 500 || round > 500) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
