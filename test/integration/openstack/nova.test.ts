import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { novaMicroversions } from '../../../src/drivers/openstack/nova.ts';
import type { OpenStack, OpenStackClients } from '../../../src/drivers/openstack/openstack.ts';
import { Cleanup, devcloud, openCloud, patience, projectNamed, uniqueName } from '../../support/devcloud.ts';

/** An instance of the tenant that boots from a volume, and a second volume beside it. */
const name = `${uniqueName('nova')} (a+b)`;
const cleanup = new Cleanup();
let openstack: OpenStack;
let owner: OpenStackClients;
let tenantProject: string;
let serverId: string;
let rootId: string;
let dataId: string;
let groupId: string;

before(async () => {
  openstack = openCloud('emberkeep');
  tenantProject = await projectNamed(openstack, 'tenant');
  owner = openstack.inProject(tenantProject);
  [rootId, dataId] = await Promise.all([createVolume('root'), createVolume('data')]);
  await owner.cinder.setBootable(rootId, true);
  groupId = await createServerGroup();
  serverId = await createServer(rootId, devcloud().zones.fake, groupId);
});
after(async () => {
  await cleanup.run();
  openstack.close();
});

async function createVolume(what: string): Promise<string> {
  const { description } = await owner.cinder.createVolume({
    name: uniqueName(`nova-${what}`),
    sizeGib: 1,
    volumeType: 'ceph',
  });
  cleanup.add(async () => {
    await owner.cinder.deleteVolume(description.id);
    await owner.cinder.waitForVolumeGone(description.id, patience);
  });
  await owner.cinder.waitForVolume(description.id, ['available'], patience);
  return description.id;
}

async function createServerGroup(): Promise<string> {
  const service = owner.keystone.service('compute', novaMicroversions);
  const body = { server_group: { name: uniqueName('nova-group'), policy: 'soft-anti-affinity' } };
  const made = await service.request({ method: 'POST', path: '/os-server-groups', body, expected: [200] });
  const { id } = (made.body as { server_group: { id: string } }).server_group;
  cleanup.add(() => service.request({ method: 'DELETE', path: `/os-server-groups/${id}`, expected: [204] }));
  return id;
}

async function createServer(
  bootVolumeId: string,
  zone = devcloud().zones.fake,
  group?: string,
): Promise<string> {
  const server = {
    name,
    flavorRef: '42',
    networks: 'none',
    availability_zone: zone,
    metadata: { role: 'web' },
    tags: ['blue'],
    user_data: Buffer.from('#cloud-config\n').toString('base64'),
    block_device_mapping_v2: [
      {
        uuid: bootVolumeId,
        source_type: 'volume',
        destination_type: 'volume',
        boot_index: 0,
        delete_on_termination: false,
        tag: 'root',
      },
    ],
  };
  const hints = group === undefined ? undefined : { group };
  const id = await owner.nova.createServer(server, hints);
  cleanup.add(async () => {
    await owner.nova.deleteServer(id);
    await owner.nova.waitForServerGone(id, patience);
  });
  await owner.nova.waitForServer(id, 'ACTIVE', patience);
  return id;
}

test('the instance is described as a rebuild needs it', async () => {
  const server = await openstack.nova.getServer(serverId);
  const { description } = server;
  assert.equal(description.name, name);
  assert.equal(description.projectId, tenantProject);
  assert.equal(description.flavor.originalName, 'm1.nano');
  assert.deepEqual(description.metadata, { role: 'web' });
  assert.deepEqual(description.tags, ['blue']);
  assert.deepEqual(description.serverGroups, [groupId]);
  assert.equal(Buffer.from(description.userData ?? '', 'base64').toString(), '#cloud-config\n');
  assert.deepEqual(description.ports, []);
  assert.equal(description.imageId, undefined);
  assert.deepEqual(server.volumes, [{ volumeId: rootId, deleteOnTermination: false }]);
  assert.deepEqual(
    [server.state.status, server.state.powerState, server.state.taskState],
    ['ACTIVE', 'running', undefined],
  );
  const rows = await openstack.nova.describeAttachments(server);
  assert.deepEqual(
    rows.map(({ volumeId, attachment }) => [
      volumeId,
      attachment.isRoot,
      attachment.tag,
      attachment.bootIndex,
    ]),
    [[rootId, true, 'root', 0]],
  );
});

test('is found by id and by exact name over all projects, whatever characters the name has', async () => {
  const everywhere = { allProjects: true };
  const ids = async (nameOrId: string, filter: object) =>
    (await openstack.nova.findServers(nameOrId, filter)).map(({ description }) => description.id);
  assert.deepEqual(await ids(serverId, everywhere), [serverId]);
  assert.deepEqual(await ids(name, everywhere), [serverId]);
  assert.deepEqual(await ids(name, { ...everywhere, projectId: tenantProject }), [serverId]);
  assert.deepEqual(await ids(name.slice(0, -1), everywhere), []);
  assert.deepEqual(await ids('.*', everywhere), []);
  assert.deepEqual(await ids('00000000-0000-4000-8000-000000000000', everywhere), []);
  const { projectId: home } = await openstack.keystone.whoAmI();
  assert.deepEqual(await ids(serverId, { ...everywhere, projectId: home }), []);
  assert.deepEqual(await ids(name, { ...everywhere, projectId: home }), []);
});

test('a name that two instances have gives both, and pages lead through them', async () => {
  const twin = await createServer(await createVolumeBootable());
  const found = await openstack.nova.findServers(name, { allProjects: true });
  assert.deepEqual(
    found.map(({ description }) => description.id),
    [serverId, twin],
  );
  const filter = { allProjects: true, name, limit: 1 };
  const first = await openstack.nova.listServersPage(filter);
  const second = await openstack.nova.listServersPage({ ...filter, marker: first.nextMarker });
  assert.deepEqual(
    [...first.servers, ...second.servers].map(({ description }) => description.id).toSorted(),
    [serverId, twin].toSorted(),
  );
  // Whatever the case, and a character that is something else to Nova than to us.
  for (const search of [name.slice(2).toUpperCase(), name.toLowerCase(), name.slice(0, -1)]) {
    const { servers } = await openstack.nova.listServersPage({ allProjects: true, search, limit: 1000 });
    assert.deepEqual(
      servers.map(({ description }) => description.id).toSorted(),
      [serverId, twin].toSorted(),
      search,
    );
  }
  const other = { allProjects: true, search: name.replace('-', '.'), limit: 1000 };
  assert.deepEqual((await openstack.nova.listServersPage(other)).servers, []);
  const byAge = async (direction: 'asc' | 'desc'): Promise<string[]> => {
    const sorted = { ...filter, sort: { key: 'created_at' as const, direction } };
    const { servers, nextMarker } = await openstack.nova.listServersPage(sorted);
    const next = await openstack.nova.listServersPage({ ...sorted, marker: nextMarker });
    return [...servers, ...next.servers].map(({ description }) => description.id);
  };
  assert.deepEqual(await byAge('asc'), [serverId, twin]);
  assert.deepEqual(await byAge('desc'), [twin, serverId]);
  const byName = { allProjects: true, limit: 1000, sort: { key: 'display_name', direction: 'asc' } } as const;
  const all = await openstack.nova.listServersPage(byName);
  const names = all.servers.map(({ description }) => description.name);
  const lastOne = names.indexOf(name);
  assert.deepEqual(names.slice(lastOne, lastOne + 2), [name, name], 'twins stand together');
});

async function createVolumeBootable(): Promise<string> {
  const id = await createVolume('twin');
  await owner.cinder.setBootable(id, true);
  return id;
}

test('a volume is attached and detached to the end, and both may be repeated', async () => {
  const request = { volumeId: dataId, deleteOnTermination: true };
  for (let time = 0; time < 2; time += 1) {
    const attachment = await owner.attachments.attach(serverId, request, patience);
    assert.equal(attachment.deleteOnTermination, true);
    const volume = await owner.cinder.getVolume(dataId);
    assert.equal(volume.status, 'in-use');
    assert.equal(volume.attachments[0]?.serverId, serverId);
  }
  for (let time = 0; time < 2; time += 1) {
    await owner.attachments.detach(serverId, dataId, patience);
    assert.equal((await owner.cinder.getVolume(dataId)).status, 'available');
    assert.equal((await owner.nova.listVolumeAttachments(serverId)).length, 1);
  }
});

test('on a real hypervisor a tagged volume comes and goes while the guest runs', async () => {
  // Nova's fake driver cannot let go of a tagged device: it keeps no device metadata.
  const bootId = await createVolume('kvm-root');
  await owner.cinder.setBootable(bootId, true);
  await owner.cinder.setImageMetadata(bootId, { hw_disk_bus: 'scsi', hw_scsi_model: 'virtio-scsi' });
  const guestId = await createServer(bootId, devcloud().zones.libvirt);
  const plan = { volumeId: dataId, tag: 'data', deleteOnTermination: false };
  const attachment = await owner.attachments.attach(guestId, plan, patience);
  assert.deepEqual([attachment.tag, attachment.device], ['data', '/dev/sdb']);
  await owner.attachments.detach(guestId, dataId, patience);
  assert.equal((await owner.cinder.getVolume(dataId)).status, 'available');
});

test('Nova refuses to detach the root, and says so', async () => {
  await assert.rejects(owner.attachments.detach(serverId, rootId, patience), {
    code: 'OPENSTACK_REJECTED',
    message: /Cannot detach a root device volume/,
  });
});

test('stopping, attaching to what is stopped, starting; each may be repeated', async () => {
  await owner.nova.stopServer(serverId);
  await owner.nova.waitForServer(serverId, 'SHUTOFF', patience);
  await owner.nova.stopServer(serverId);
  await owner.attachments.attach(serverId, { volumeId: dataId }, patience);
  await owner.attachments.detach(serverId, dataId, patience);
  await owner.nova.startServer(serverId);
  await owner.nova.waitForServer(serverId, 'ACTIVE', patience);
  await owner.nova.startServer(serverId);
});

test('a locked instance stays as it is for its owner', async () => {
  await owner.nova.lockServer(serverId, 'a restore is under way');
  assert.equal((await owner.nova.getServer(serverId)).state.locked, true);
  const tenant = openCloud('devcloud-tenant');
  try {
    await assert.rejects(tenant.nova.stopServer(serverId), { code: 'CONFLICT_OPENSTACK', message: /locked/ });
  } finally {
    tenant.close();
  }
  await owner.nova.unlockServer(serverId);
});

test('what is not there is NOTFOUND_, and another project sees nothing', async () => {
  await assert.rejects(openstack.nova.getServer('00000000-0000-4000-8000-000000000000'), {
    code: 'NOTFOUND_INSTANCE',
  });
  const other = openCloud('devcloud-other');
  try {
    await assert.rejects(other.nova.getServer(serverId), { code: 'NOTFOUND_INSTANCE' });
    assert.deepEqual(await other.nova.findServers(name), []);
  } finally {
    other.close();
  }
});
