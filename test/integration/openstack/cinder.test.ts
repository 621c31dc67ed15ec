import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { cinderMicroversions } from '../../../src/drivers/openstack/cinder.ts';
import type { OpenStack, OpenStackClients } from '../../../src/drivers/openstack/openstack.ts';
import {
  createRestoreCloud,
  type OpenStackRestoreCloud,
} from '../../../src/drivers/openstack/restore-cloud.ts';
import {
  Cleanup,
  devcloud,
  openCloud,
  patience,
  projectNamed,
  rbd,
  uniqueName,
} from '../../support/devcloud.ts';

const cleanup = new Cleanup();
let openstack: OpenStack;
let owner: OpenStackClients;
let cloud: OpenStackRestoreCloud;
let tenantProject: string;

before(async () => {
  openstack = openCloud('emberkeep');
  tenantProject = await projectNamed(openstack, 'tenant');
  owner = openstack.inProject(tenantProject);
  cloud = createRestoreCloud(openstack, {
    locate: (pool) => (pool.rbd === undefined ? undefined : { cluster: 'ceph', pool: pool.rbd.pool }),
    timeoutMs: patience.timeoutMs,
  });
});
after(async () => {
  await cleanup.run();
  openstack.close();
});

function makeImage(what: string, size = '1G'): string {
  const image = uniqueName(what);
  rbd('create', '--size', size, `backups/${image}`);
  cleanup.add(() => removeImage(image));
  return image;
}

function removeImage(image: string): Promise<void> {
  if (rbd('ls', 'backups').split('\n').includes(image)) rbd('rm', '--no-progress', `backups/${image}`);
  return Promise.resolve();
}

function removeLater(volumeId: string): void {
  cleanup.add(() => cloud.deleteVolume(tenantProject, volumeId));
}

test("an image is managed into the owner's project, dressed, unmanaged and managed again", async () => {
  const image = makeImage('manage');
  const request = {
    host: devcloud().cinderHosts['ceph-backups'],
    imageName: image,
    name: uniqueName('managed'),
    description: 'restored',
    volumeType: 'ceph-backups',
    bootable: true,
    metadata: { source: 'test' },
  };
  const made = await owner.cinder.manageVolume(request);
  const { id } = made.description;
  const volume = await owner.cinder.waitForVolume(id, ['available'], patience);
  assert.equal(volume.description.sizeGib, 1);
  assert.equal(volume.description.bootable, true);
  assert.deepEqual(volume.description.metadata, { source: 'test' });
  assert.equal((await openstack.cinder.getVolume(id)).description.projectId, tenantProject);
  assert.match(rbd('ls', 'backups'), new RegExp(`^volume-${id}$`, 'm'));

  await owner.cinder.setBootable(id, false);
  await owner.cinder.setImageMetadata(id, { hw_disk_bus: 'scsi', min_disk: '1' });
  await owner.cinder.addMetadata(id, { more: 'yes "quoted"' });
  await owner.cinder.updateVolume(id, { description: 'changed' });
  const dressed = (await owner.cinder.getVolume(id)).description;
  assert.equal(dressed.bootable, false);
  assert.deepEqual(dressed.imageMetadata, { hw_disk_bus: 'scsi', min_disk: '1' });
  assert.deepEqual(dressed.metadata, { source: 'test', more: 'yes "quoted"' });
  assert.equal(dressed.description, 'changed');
  assert.equal(await cloud.findVolumeByMark(tenantProject, 'more', 'yes "quoted"'), id);
  assert.equal(await cloud.findVolumeByMark(tenantProject, 'more', 'yes'), undefined);

  const [foundId, foundName] = [
    await owner.cinder.findVolumes(id),
    await owner.cinder.findVolumes(request.name),
  ];
  assert.deepEqual(
    [foundId, foundName].map((found) => found.map(({ description }) => description.id)),
    [[id], [id]],
  );
  const everywhere = await openstack.cinder.findVolumes(request.name, { allProjects: true });
  assert.deepEqual(
    everywhere.map(({ description }) => description.id),
    [id],
  );
  const elsewhere = { allProjects: true, projectId: (await openstack.keystone.whoAmI()).projectId };
  assert.deepEqual(await openstack.cinder.findVolumes(id, elsewhere), []);
  assert.deepEqual(await openstack.cinder.findVolumes(request.name, elsewhere), []);
  assert.deepEqual(await owner.cinder.listSnapshots(id), []);

  await owner.cinder.unmanageVolume(id);
  await owner.cinder.waitForVolumeGone(id, patience);
  const again = await owner.cinder.manageVolume({ ...request, imageName: `volume-${id}` });
  removeLater(again.description.id);
  await owner.cinder.waitForVolume(again.description.id, ['available'], patience);
});

test('managing an image that is not there ends in an error that names the backend, and is cleared at the next try', async () => {
  const mark = uniqueName('mark');
  const volume = {
    projectId: tenantProject,
    name: uniqueName('missing'),
    volumeType: 'ceph-backups',
    cinderHost: devcloud().cinderHosts['ceph-backups'],
    bootable: false,
    metadata: { mark },
  };
  await assert.rejects(cloud.manageVolume(volume, uniqueName('nowhere')), {
    code: 'OPENSTACK_VOLUME_ERROR',
    message: /went to error where available was expected.*cinder-volume for .*@ceph-backups/,
  });
  assert.equal((await owner.cinder.findVolumes(volume.name)).length, 1);
  assert.equal(await cloud.findVolumeByMark(tenantProject, 'mark', mark), undefined);
  assert.deepEqual(await owner.cinder.findVolumes(volume.name), []);

  const id = await cloud.manageVolume(volume, makeImage('present'));
  removeLater(id);
  assert.equal(await cloud.findVolumeByMark(tenantProject, 'mark', mark), id);
  assert.equal(await cloud.volumeStatus(tenantProject, id), 'available');
});

test('errors of a manage request say what Cinder said', async () => {
  const request = { imageName: makeImage('refused'), name: uniqueName('refused'), bootable: false };
  await assert.rejects(owner.cinder.manageVolume({ ...request, host: 'nohost@ceph#ceph' }), {
    code: 'OPENSTACK_REJECTED',
    message: /nohost@ceph#ceph/,
  });
  const tenant = openCloud('devcloud-tenant');
  try {
    const host = devcloud().cinderHosts['ceph-backups'];
    await assert.rejects(tenant.cinder.manageVolume({ ...request, host }), {
      code: 'FORBIDDEN_OPENSTACK',
      message: /Policy doesn't allow/,
    });
  } finally {
    tenant.close();
  }
});

test('backends, pools behind them and types, as a restore chooses from', async () => {
  const backends = await cloud.listBackends();
  assert.deepEqual(
    backends.map(({ host, backendName, location }) => [host, backendName, location?.pool]).toSorted(),
    [
      [devcloud().cinderHosts.ceph, 'ceph', 'volumes'],
      [devcloud().cinderHosts['ceph-backups'], 'ceph-backups', 'backups'],
    ].toSorted(),
  );
  const types = await cloud.volumeTypes(tenantProject);
  assert.deepEqual(
    types.find(({ name }) => name === 'ceph-backups'),
    {
      name: 'ceph-backups',
      backendName: 'ceph-backups',
      encrypted: false,
    },
  );
  const type = (await openstack.cinder.listVolumeTypes()).find(({ name }) => name === 'ceph');
  assert.ok(type);
  assert.equal(await openstack.cinder.isTypeEncrypted(type.id), false);
});

test('the snapshots that Cinder itself keeps of a volume are listed', async () => {
  const { description } = await owner.cinder.createVolume({
    name: uniqueName('snapped'),
    sizeGib: 1,
    volumeType: 'ceph',
  });
  const { id } = description;
  removeLater(id);
  await owner.cinder.waitForVolume(id, ['available'], patience);
  const service = owner.keystone.service('block-storage', cinderMicroversions);
  const body = { snapshot: { volume_id: id, name: uniqueName('snap') } };
  const made = await service.request({ method: 'POST', path: '/snapshots', body, expected: [202] });
  const { snapshot } = made.body as { snapshot: { id: string } };
  cleanup.add(async () => {
    const path = `/snapshots/${snapshot.id}`;
    await service.request({ method: 'DELETE', path, expected: [202] });
    while ((await openstack.cinder.listSnapshots(id)).length > 0) await pause(250);
  });
  const [listed, ...others] = await openstack.cinder.listSnapshots(id);
  assert.deepEqual([listed?.id, listed?.volumeId, listed?.name], [snapshot.id, id, body.snapshot.name]);
  assert.deepEqual(others, []);
});

test('what is gone is gone, quietly', async () => {
  const nothing = '00000000-0000-4000-8000-000000000000';
  await assert.rejects(owner.cinder.getVolume(nothing), { code: 'NOTFOUND_VOLUME' });
  await owner.cinder.deleteVolume(nothing);
  assert.equal(await cloud.volumeStatus(tenantProject, nothing), undefined);
  assert.equal(await cloud.instanceStatus(tenantProject, nothing), undefined);
  assert.equal(await cloud.findAttachment(tenantProject, nothing, nothing), undefined);
});

test('a list longer than a page is read to its end', async () => {
  const made: string[] = [];
  for (const name of [1, 2, 3].map((number) => uniqueName(`page-${number}`))) {
    const { description } = await owner.cinder.createVolume({ name, sizeGib: 1, volumeType: 'ceph' });
    removeLater(description.id);
    made.push(description.id);
    await owner.cinder.waitForVolume(description.id, ['available'], patience);
  }
  const seen: string[] = [];
  for await (const { description } of owner.cinder.listVolumes({ pageSize: 1 })) seen.push(description.id);
  assert.deepEqual(
    made.filter((id) => seen.includes(id)),
    made,
  );
  assert.equal(new Set(seen).size, seen.length);
});
