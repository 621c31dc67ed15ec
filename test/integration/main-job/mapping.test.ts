/** From what a user names to the right images on the right pools. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { cinderMicroversions } from '../../../src/drivers/openstack/cinder.ts';
import type { WireInstanceDetail, WireJob } from '../../../src/entry/cli/wire.ts';
import { ceph, changeImage, volumeSha256, listSnapshots, rbd, removeImage } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import {
  ApiFailure,
  startTestService,
  succeeded,
  type BackupJob,
  type TestService,
} from '../../support/service.ts';
import { devcloud, devcloudFile, patience } from '../../support/devcloud.ts';

const mib = 1024 * 1024;

let scratch: ScratchCloud;
let service: TestService;
let serverId: string;
let name: string;
let rootId: string;
let dataId: string;

before(async () => {
  scratch = await ScratchCloud.open('map');
  service = await startTestService();
  name = scratch.name('web');
  [rootId, dataId] = await Promise.all([
    scratch.volume({ bootable: true }),
    scratch.volume({ type: 'ceph-backups' }),
  ]);
  serverId = await scratch.instance({ name, disks: [{ volumeId: rootId }, { volumeId: dataId }] });
});
after(async () => {
  await service.stop();
  await scratch.close();
});

function imagesOf(job: { result: { disks: { disk_key: string }[] } }): string[] {
  return job.result.disks.map(({ disk_key: key }) => key).toSorted();
}

async function isProtected(spec: string): Promise<boolean> {
  return (await listSnapshots(spec)).some(({ name: snapshot }) => snapshot.startsWith('backup.'));
}

function failure(status: number, type: string, message?: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ApiFailure, String(error));
    assert.deepEqual([error.status, error.body.error.type], [status, type], error.body.error.message);
    if (message !== undefined) assert.match(error.body.error.message, message);
    return true;
  };
}

function requestBackup(target: Record<string, string>, cloud?: string): Promise<{ jobs: WireJob[] }> {
  return service.call('POST', '/v1/backups', { target }, cloud);
}

test('an instance by name and by id: disks of two backends, in the pools that they are in', async () => {
  for (const nameOrId of [name, serverId]) {
    const { instance } = await service.call<{ instance: WireInstanceDetail }>(
      'GET',
      `/v1/instances/${encodeURIComponent(nameOrId)}`,
    );
    assert.deepEqual(
      instance.disks.map(({ pool, image, attachment }) => [pool, image, attachment?.is_root]),
      [
        ['volumes', `volume-${rootId}`, true],
        ['backups', `volume-${dataId}`, false],
      ],
    );
  }
  const job = await service.backup({ instance: name });
  assert.deepEqual(imagesOf(job), [`volume:${rootId}`, `volume:${dataId}`].toSorted());
  assert.ok(await isProtected(`volumes/volume-${rootId}`));
  assert.ok(await isProtected(`backups/volume-${dataId}`));
});

test('the owner may do it too, the reader may look only, and for another project there is no such instance', async () => {
  const backedUp = await requestBackup({ instance: name }, 'devcloud-tenant');
  succeeded(await service.ended(backedUp.jobs[0]?.id ?? ''));
  const path = `/v1/instances/${serverId}`;
  await service.call('GET', path, undefined, 'devcloud-reader');
  await assert.rejects(requestBackup({ instance: name }, 'devcloud-reader'), failure(403, 'FORBIDDEN_ROLE'));
  // I7: exactly as what does not exist.
  for (const nameOrId of [serverId, name, '00000000-0000-4000-8000-000000000000', 'no-such-name']) {
    const unknown = failure(404, 'NOTFOUND_RESOURCE', new RegExp(`^instance "${nameOrId}" was not found`));
    const shown = service.call('GET', `/v1/instances/${nameOrId}`, undefined, 'devcloud-other');
    await assert.rejects(shown, unknown);
    await assert.rejects(requestBackup({ instance: nameOrId }, 'devcloud-other'), unknown);
  }
  await assert.rejects(
    requestBackup({ volume: dataId }, 'devcloud-other'),
    failure(404, 'NOTFOUND_RESOURCE', /^volume ".*" was not found/),
  );
  await assert.rejects(
    requestBackup({ image: `volumes/volume-${rootId}` }, 'devcloud-tenant'),
    failure(403, 'FORBIDDEN_ROLE'),
  );
});

test('a name that several have is refused with the ids to choose from; an own project comes first', async () => {
  const twin = scratch.name('twin');
  const [one, another, foreign] = await Promise.all([
    scratch.volume({ name: twin }),
    scratch.volume({ name: twin }),
    scratch.volume({ name: twin, project: 'other' }),
  ]);
  for (const cloud of ['devcloud-admin', 'devcloud-tenant']) {
    await assert.rejects(requestBackup({ volume: twin }, cloud), (error) => {
      failure(400, 'INPUT_AMBIGUOUS')(error);
      assert.ok(error instanceof ApiFailure);
      const { message, details } = error.body.error;
      const expected = cloud === 'devcloud-tenant' ? [one, another] : [one, another, foreign];
      for (const id of expected) assert.ok(message.includes(id), message);
      assert.deepEqual((details['candidates'] as string[]).toSorted(), expected.toSorted());
      // I7
      if (cloud === 'devcloud-tenant') assert.ok(!message.includes(foreign));
      return true;
    });
  }
  const { jobs } = await requestBackup({ volume: twin }, 'devcloud-other');
  assert.deepEqual(succeeded(await service.ended(jobs[0]?.id ?? '')).project_id, scratch.projectId('other'));
  assert.ok(await isProtected(`volumes/volume-${foreign}`));
  assert.ok(!(await isProtected(`volumes/volume-${one}`)));
});

test('two instances of one name: the same', async () => {
  const twin = await scratch.instance({
    name,
    disks: [{ volumeId: await scratch.volume({ bootable: true }) }],
  });
  await assert.rejects(requestBackup({ instance: name }), failure(400, 'INPUT_AMBIGUOUS', new RegExp(twin)));
  await assert.rejects(
    requestBackup({ instance: name }),
    failure(400, 'INPUT_AMBIGUOUS', new RegExp(serverId)),
  );
});

/** Asks Cinder for something about a volume, as an administrator. */
async function act(volumeId: string, body: Record<string, unknown>): Promise<void> {
  const cinder = scratch.admin
    .inProject(scratch.projectId())
    .keystone.service('block-storage', cinderMicroversions);
  await cinder.request({ method: 'POST', path: `/volumes/${volumeId}/action`, body, expected: [202] });
}

/** Cinder's own migration between backends of one cluster: the RBD driver copies the image under its name. */
test('a volume retyped to another backend is found in the other pool and begins a new chain', async () => {
  const id = await scratch.volume();
  await backUpWithData(id, 'volumes');
  await act(id, { 'os-retype': { new_type: 'ceph-backups', migration_policy: 'on-demand' } });
  const moved = await waitForHost(id, devcloud().cinderHosts['ceph-backups']);
  assert.equal(moved.nameId, undefined);
  await assertNewChain(id, `backups/volume-${id}`, /was in pool volumes, now it is in backups/);
});

/**
 * A migration with force_host_copy whose rename fails leaves the volume a name_id. The development cloud cannot copy through
 * the host (os-brick looks for the keyring in /etc/ceph only), so its outcome is made by hand: a copy of the image under
 * another id, and that id in Cinder's database.
 */
test('a migrated volume is found by its name_id and begins a new chain', async () => {
  const id = await scratch.volume();
  const nameId = randomUUID();
  await backUpWithData(id, 'volumes');
  await rbd('cp', '--no-progress', `volumes/volume-${id}`, `volumes/volume-${nameId}`);
  await removeImage(`volumes/volume-${id}`);
  const statement = `update volumes set _name_id = '${nameId}' where id = '${id}'`;
  const socket = devcloudFile('run/mariadb.sock');
  await promisify(execFile)('mariadb', [
    '--no-defaults',
    '-S',
    socket,
    '-u',
    'root',
    'cinder',
    '-e',
    statement,
  ]);
  assert.equal((await scratch.admin.cinder.getVolume(id)).nameId, nameId);
  await assertNewChain(id, `volumes/volume-${nameId}`, /the image has another id/);
});

async function backUpWithData(volumeId: string, pool: string): Promise<void> {
  const spec = `${pool}/volume-${volumeId}`;
  await changeImage(spec, [{ kind: 'write', offset: mib, length: mib, seed: 3 }]);
  await service.backup({ volume: volumeId });
}

async function assertNewChain(volumeId: string, spec: string, reason: RegExp): Promise<void> {
  const { result } = await service.backup({ volume: volumeId });
  assert.equal(result.disks[0]?.kind, 'full');
  assert.match(result.disks[0].full_reason ?? '', reason);
  assert.ok(await isProtected(spec));
  const restored = await service.restore({ point: { id: result.point_id }, mode: 'image' });
  const image = restored.result.disks[0]?.image ?? '';
  scratch.adoptImage(image);
  assert.equal(await volumeSha256(image), await volumeSha256(spec));
}

async function waitForHost(id: string, host: string) {
  const { cinder } = scratch.admin;
  for (let round = 0; round < 240; round++) {
    const volume = await cinder.getVolume(id);
    const { status, migrationStatus, description } = volume;
    if (status === 'error' || migrationStatus === 'error') break;
    if (description.host === host && ['available', 'in-use'].includes(status)) return volume;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`volume ${id} did not come to ${host}`);
}

test("a disk of Nova's own is found and backed up", async () => {
  const owner = scratch.owner();
  const id = await owner.nova.createServer({
    name: scratch.name('nova'),
    imageRef: await idOf('image', '/v2/images', 'images', 'boot-sector'),
    flavorRef: await idOf('compute', '/flavors', 'flavors', 'm1.disk'),
    networks: 'none',
    availability_zone: devcloud().zones.libvirt,
  });
  scratch.adoptInstance(id);
  await owner.nova.waitForServer(id, 'ACTIVE', patience);
  const { result } = await service.backup({ instance: id });
  assert.deepEqual(
    result.disks.map(({ disk_key: key }) => key),
    [`nova:${id}_disk`],
  );
  const [snapshot] = await listSnapshots(`vms/${id}_disk`);
  const restored = await service.restore({ point: { id: result.point_id }, mode: 'image' });
  const restoredImage = restored.result.disks[0]?.image ?? '';
  scratch.adoptImage(restoredImage);
  assert.equal(
    await volumeSha256(restoredImage),
    await volumeSha256(`vms/${id}_disk@${snapshot?.name ?? ''}`),
  );
});

async function idOf(
  service_: 'compute' | 'image',
  path: string,
  key: string,
  wanted: string,
): Promise<string> {
  const client = scratch.admin.keystone.service(service_);
  const { body } = await client.request({ method: 'GET', path, expected: [200] });
  const rows = (body as Record<string, { id: string; name: string }[]>)[key] ?? [];
  const found = rows.find((row) => row.name === wanted);
  if (found === undefined) throw new Error(`no ${wanted} among ${key}`);
  return found.id;
}

test('a lone volume and a bare image', async () => {
  const volumeId = await scratch.volume();
  const { result } = await service.backup({ volume: volumeId });
  assert.deepEqual(
    result.disks.map(({ disk_key: key }) => key),
    [`volume:${volumeId}`],
  );
  const spec = await scratch.image('backups', 4 * mib);
  const bare = await service.backup({ image: spec });
  assert.deepEqual(imagesOf(bare), [`image:ceph/${spec}`]);
  await assert.rejects(requestBackup({ image: `${spec}-not` }), failure(404, 'NOTFOUND_RESOURCE'));
  await assert.rejects(requestBackup({ pool: 'no-such-pool' }), (error) => {
    assert.ok(error instanceof ApiFailure);
    assert.equal(error.body.error.type, 'CEPH_NO_POOL');
    return true;
  });
});

test('a whole pool: one job an image', async () => {
  const pool = scratch.name('pool');
  await ceph('osd', 'pool', 'create', pool, '1');
  try {
    await rbd('pool', 'init', pool);
    await assert.rejects(requestBackup({ pool }), failure(400, 'INPUT_EMPTY_POOL'));
    for (const image of ['one', 'two', 'three']) await rbd('create', '--size=4M', `${pool}/${image}`);
    const { jobs } = await requestBackup({ pool });
    const ended: BackupJob[] = [];
    for (const { id } of jobs) ended.push(succeeded(await service.ended(id)) as BackupJob);
    assert.deepEqual(
      ended.flatMap(imagesOf).toSorted(),
      ['one', 'three', 'two'].map((image) => `image:ceph/${pool}/${image}`),
    );
    for (const image of ['one', 'two', 'three']) assert.ok(await isProtected(`${pool}/${image}`));
  } finally {
    await ceph('osd', 'pool', 'delete', pool, pool, '--yes-i-really-really-mean-it');
  }
});
