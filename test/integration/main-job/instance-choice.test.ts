/** What a new instance gets when something of the old one is taken or gone. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { patience } from '../../support/devcloud.ts';
import { removePortsOf, restoredInstance } from '../../support/instances.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';

let scratch: ScratchCloud;
let service: FaultyService;
const restoreIds: string[] = [];

before(async () => {
  scratch = await ScratchCloud.open('ninst-choice');
  service = await startFaultyService();
});
after(async () => {
  await service.stop();
  const owner = scratch.owner();
  await scratch.close();
  await removePortsOf(owner, [scratch.prefix, ...restoreIds]);
});

async function bringBack(request: object) {
  const job = await service.restore({ mode: 'instance', ...request });
  restoreIds.push(job.result.restore_id);
  return restoredInstance(scratch, job);
}

async function remove(instanceId: string): Promise<void> {
  const { nova } = scratch.owner();
  await nova.deleteServer(instanceId);
  await nova.waitForServerGone(instanceId, patience);
}

test('beside the living one: another name and other addresses; when that is gone, its own', async () => {
  const { nova, neutron } = scratch.owner();
  const admin = scratch.admin.keystone.service('compute');
  const flavorName = scratch.name('flavor');
  const body = { flavor: { name: flavorName, vcpus: 1, ram: 60, disk: 0 } };
  const request = { method: 'POST' as const, path: '/flavors', body, expected: [200] };
  const { flavor } = (await admin.request(request)).body as { flavor: { id: string } };
  const [network] = await neutron.findNetworks('private');
  assert.ok(network);
  const name = scratch.name('web');
  const port = await neutron.createPort({ name, networkId: network.id, fixedIps: [] });
  const disks = [{ volumeId: await scratch.volume({ bootable: true }) }];
  const id = await scratch.instance({ name, disks, flavor: flavor.id, ports: [port.id] });
  const { result } = await service.backup({ instance: id });
  await admin.request({ method: 'DELETE', path: `/flavors/${flavor.id}`, expected: [202] });

  const point = { id: result.point_id };
  const first = await bringBack({ point });
  assert.match(first.name, new RegExp(`^${name}-\\d{8}T\\d{4}$`));
  assert.equal(first.flavor, 'm1.nano');
  const address = port.fixedIps[0]?.ipAddress ?? '';
  for (const pattern of [
    /instance named/,
    new RegExp(flavorName),
    new RegExp(`^${address} .* in use`),
    /^MAC/,
  ])
    assert.ok(
      first.notes.some((note) => pattern.test(note)),
      `${String(pattern)} in ${first.notes.join('\n')}`,
    );
  const [other] = (await nova.getServer(first.id)).description.ports;
  assert.ok(other);
  assert.equal(other.networkId, network.id);
  assert.notEqual(other.macAddress, port.macAddress);

  await remove(id);
  await neutron.deletePort(port.id);
  const second = await bringBack({ point });
  assert.equal(second.name, name);
  const [same] = (await nova.getServer(second.id)).description.ports;
  assert.deepEqual(
    [same?.macAddress, same?.fixedIps],
    [port.macAddress, port.fixedIps],
    'the addresses of the one that is gone',
  );

  await remove(second.id);
  const third = await bringBack({ point, instance: { networks: [] } });
  assert.deepEqual((await nova.getServer(third.id)).description.ports, []);
});

test('a point of a volume makes no instance, and a project that is gone takes none', async () => {
  const { identity } = scratch.admin;
  const [tenantProject] = await identity.findProjects(scratch.projectId());
  const project = await identity.createProject({
    name: scratch.name('project'),
    domainId: tenantProject?.domainId ?? 'default',
  });
  let isProject = true;
  const { nova, cinder } = scratch.admin.inProject(project.id);
  const volume = await cinder.createVolume({ name: scratch.name('root'), sizeGib: 1, volumeType: 'ceph' });
  const volumeId = volume.description.id;
  try {
    await cinder.waitForVolume(volumeId, ['available'], patience);
    await cinder.setBootable(volumeId, true);
    const lone = await service.backup({ volume: volumeId });
    await assert.rejects(
      service.call('POST', '/v1/restores', { point: { id: lone.result.point_id }, mode: 'instance' }),
      /INPUT_NOT_INSTANCE/,
    );
    const id = await nova.createServer({
      name: scratch.name('orphan'),
      flavorRef: '42',
      networks: 'none',
      availability_zone: 'fake',
      block_device_mapping_v2: [
        { uuid: volumeId, source_type: 'volume', destination_type: 'volume', boot_index: 0 },
      ],
    });
    await nova.waitForServer(id, 'ACTIVE', patience);
    const { result } = await service.backup({ instance: id });
    await nova.deleteServer(id);
    await nova.waitForServerGone(id, patience);
    await cinder.deleteVolume(volumeId);
    await cinder.waitForVolumeGone(volumeId, patience);
    await identity.deleteProject(project.id);
    isProject = false;
    const { job } = await service.failedRestore({ point: { id: result.point_id }, mode: 'instance' });
    assert.equal(job.error?.type, 'CONFLICT_PROJECT_GONE');
    const path = '/v1/instances?deleted=true&all_projects=true&limit=1';
    assert.equal((await service.call<{ instances: unknown[] }>('GET', path)).instances.length, 1);
    const image = await service.restore({ point: { id: result.point_id }, mode: 'image' });
    scratch.adoptImage(image.result.disks[0]?.image ?? '');
  } finally {
    if (isProject) await identity.deleteProject(project.id);
  }
});
