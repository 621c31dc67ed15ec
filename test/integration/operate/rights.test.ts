/** The main job with the rights that deploy/ceph and deploy/keystone tell and no others; and each of them is needed. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bootstrapKeystone } from '../../../src/compose/keystone-bootstrap.ts';
import type { WireExpiration } from '../../../src/entry/cli/expire-view.ts';
import type { WireJob, WireRestore } from '../../../src/entry/cli/wire.ts';
import { documentedCaps, makeCephxUser, withoutPool, type CephxUser } from '../../support/cephx-user.ts';
import { Cleanup, credentialsOf, devcloud } from '../../support/devcloud.ts';
import { restoredInstance } from '../../support/instances.ts';
import { changeImage, headSha256, rbd } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { ApiFailure, startTestService, succeeded, type TestService } from '../../support/service.ts';

const mib = 1024 * 1024;
const cleanup = new Cleanup();
const caps = documentedCaps();
let scratch: ScratchCloud;
let directory: string;
let cephx: CephxUser;
let config: string;
let service: TestService;
/** In the pool `vms`, a clone of an image in `images`, as Nova makes a disk of its own. */
let clone: string;
let volumeId: string;

before(async () => {
  scratch = await ScratchCloud.open('rights');
  cleanup.add(() => scratch.close());
  directory = await mkdtemp('/tmp/ek-rights-');
  cleanup.add(() => rm(directory, { recursive: true }));
  cephx = await makeCephxUser(scratch.prefix, caps, directory);
  cleanup.add(() => cephx.remove());
  config = join(directory, 'emberkeep.yaml');
  const clusters = { ceph: { conf: devcloud().cephConf, user: cephx.name, keyring: cephx.keyringPath } };
  await writeFile(config, JSON.stringify({ clusters }));
  service = await startAs(scratch.name('user'), ['admin']);
  cleanup.add(() => service.stop());
  [clone, volumeId] = await Promise.all([makeClone(), scratch.volume()]);
  await changeImage(imageOf(volumeId), [{ kind: 'write', offset: 0, length: mib, seed: 1 }]);
});
after(() => cleanup.run());

/** A service whose user has the first role in its own project, and the last one in every project of the domain. */
async function startAs(userName: string, roles: string[]): Promise<TestService> {
  const password = `secret of ${userName}`;
  for (const [index, roleName] of roles.entries()) {
    const protectedDomains = index === roles.length - 1 ? ['default'] : [];
    const request = {
      domain: 'default',
      userName,
      password,
      projectName: userName,
      roleName,
      protectedDomains,
    };
    await bootstrapKeystone(credentialsOf('devcloud-admin'), {
      ...request,
      endpoints: [],
      region: undefined,
    });
  }
  const { identity } = scratch.admin;
  cleanup.add(async () => {
    for (const { id } of await identity.findUsers(userName, 'default')) await identity.deleteUser(id);
    for (const { id } of await identity.findProjects(userName)) await identity.deleteProject(id);
  });
  const domain = { id: 'default' };
  return await startTestService({
    credentials: {
      ...credentialsOf('emberkeep'),
      auth: { kind: 'password', userName, userDomain: domain, password },
      scope: { kind: 'project', name: userName, domain },
    },
    env: { EMBERKEEP_CONFIG: config },
  });
}

async function makeClone(): Promise<string> {
  const [parent, child] = [`images/${scratch.name('parent')}`, `vms/${scratch.name('disk')}`];
  await rbd('create', '--size=8M', parent);
  cleanup.add(() => rbd('rm', '--no-progress', parent));
  await changeImage(parent, [{ kind: 'write', offset: 0, length: mib, seed: 2 }]);
  await rbd('snap', 'create', '--no-progress', `${parent}@snap`);
  cleanup.add(() => rbd('snap', 'rm', '--no-progress', `${parent}@snap`));
  await rbd('snap', 'protect', `${parent}@snap`);
  cleanup.add(() => rbd('snap', 'unprotect', `${parent}@snap`));
  await rbd('clone', `${parent}@snap`, child);
  cleanup.add(async () => {
    await rbd('snap', 'purge', '--no-progress', child);
    await rbd('rm', '--no-progress', child);
  });
  return child;
}

function imageOf(id: string): string {
  return `volumes/volume-${id}`;
}

async function done(method: string, path: string, body: object): Promise<WireJob> {
  const { job } = await service.call<{ job: WireJob }>(method, path, body);
  return succeeded(await service.ended(job.id));
}

test('the service runs as the documented user, and as nobody else', () => {
  assert.deepEqual(service.config.clusters['ceph'], {
    conf: devcloud().cephConf,
    user: cephx.name,
    keyring: cephx.keyringPath,
  });
  assert.notEqual(cephx.name, 'admin');
});

test('an instance is backed up, restored in every mode, verified and expired', async () => {
  const [rootId, dataId] = await Promise.all([scratch.volume({ bootable: true }), scratch.volume()]);
  const instance = await scratch.instance({ disks: [{ volumeId: rootId }, { volumeId: dataId }] });
  const write = (seed: number): Promise<void> =>
    changeImage(imageOf(dataId), [{ kind: 'write', offset: 0, length: mib, seed }]);
  await write(1);
  const full = await service.backup({ instance });
  await write(2);
  const increment = await service.backup({ instance });
  assert.deepEqual(
    [full, increment].map(({ result }) => result.disks.map(({ kind }) => kind)),
    [
      ['full', 'full'],
      ['increment', 'increment'],
    ],
  );
  const sha256 = await headSha256(imageOf(dataId));
  await write(3);
  const point = { id: increment.result.point_id };
  const dataOf = (job: { result: { disks: { disk_key: string; image: string }[] } }): string =>
    job.result.disks.find(({ disk_key: key }) => key === `volume:${dataId}`)?.image ?? '';

  const image = await service.restore({ point, mode: 'image' });
  for (const disk of image.result.disks) scratch.adoptImage(disk.image);
  const volume = await service.restore({ point, mode: 'volume' });
  const inPlace = await service.restore({ point, mode: 'in-place' });
  for (const { kept_image: kept } of inPlace.result.disks) scratch.adoptImage(kept ?? '');
  const replace = await service.restore({ point, mode: 'replace' });
  for (const job of [image, volume, inPlace, replace]) assert.equal(await headSha256(dataOf(job)), sha256);
  const anew = await service.restore({ point, mode: 'instance' });
  restoredInstance(scratch, anew);
  assert.equal(await headSha256(dataOf(anew)), sha256);

  const verified = await done('POST', '/v1/verifications', { target: { point: point.id }, level: 'deep' });
  assert.equal(verified.result?.['intact'], 1, JSON.stringify(verified.result));
  const { expirations } = await service.call<{ expirations: WireExpiration[] }>('POST', '/v1/expirations', {
    source: instance,
    keep: { last: 1 },
  });
  for (const { job } of expirations) succeeded(await service.ended(job?.id ?? ''));
  const reconciled = await done('POST', '/v1/reconciliations', { dry_run: false });
  assert.deepEqual(reconciled.result?.['problems'], []);
});

test('a disk in the pool of Nova, a clone of an image in the pool of Glance, is backed up and restored', async () => {
  const { result } = await service.backup({ image: clone });
  const restored = await service.restore({ point: { id: result.point_id }, mode: 'image' });
  const [disk] = restored.result.disks;
  scratch.adoptImage(disk?.image ?? '');
  assert.equal(await headSha256(disk?.image ?? ''), await headSha256(clone));
});

/** What is said of a job that fails, or of the request for it. */
async function failure(ask: () => Promise<string>): Promise<string> {
  try {
    return (await service.ended(await ask())).error?.message ?? 'it succeeded';
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    return error.body.error.message;
  }
}

function backupFails(target: Record<string, string>): Promise<string> {
  return failure(async () => {
    const { jobs } = await service.call<{ jobs: [WireJob] }>('POST', '/v1/backups', { target });
    return jobs[0].id;
  });
}

function restoreFails(volume: string): Promise<string> {
  return failure(async () => {
    const request = { point: { volume }, mode: 'image' };
    const { restore } = await service.call<{ restore: WireRestore }>('POST', '/v1/restores', request);
    return restore.job_id;
  });
}

const needed: Record<string, () => Promise<string>> = {
  volumes: () => backupFails({ volume: volumeId }),
  vms: () => backupFails({ image: clone }),
  images: () => backupFails({ image: clone }),
  backups: () => restoreFails(volumeId),
};
for (const [pool, job] of Object.entries(needed)) {
  test(`without the grant for pool ${pool} the job that needs it fails, and says so`, async () => {
    await service.backup({ volume: volumeId });
    await cephx.setCaps(withoutPool(caps, pool));
    try {
      assert.match(await job(), /the cephx user's caps do not allow it/);
    } finally {
      await cephx.setCaps(caps);
    }
  });
}

test('member in the projects is enough to back up, and not to restore: Cinder lets only its administrators manage', async () => {
  const other = await startAs(scratch.name('user'), ['admin', 'member']);
  try {
    const { result } = await other.backup({ volume: volumeId });
    const request = { point: { id: result.point_id }, mode: 'volume' };
    const { restore } = await other.call<{ restore: WireRestore }>('POST', '/v1/restores', request);
    const { error } = await other.ended(restore.job_id);
    assert.match(error?.type ?? '', /^FORBIDDEN_/);
  } finally {
    await other.stop();
  }
});

test('reader in the own project is not enough: Keystone lets it look at no token', async () => {
  const other = await startAs(scratch.name('user'), ['reader']);
  try {
    await assert.rejects(
      other.call('GET', '/v1/instances'),
      (error) => error instanceof ApiFailure && error.body.error.type === 'FORBIDDEN_TOKEN_VALIDATION',
    );
  } finally {
    await other.stop();
  }
});
