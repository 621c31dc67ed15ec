/** The ports of a new instance on the real Neutron: as the old ones were, or the old ones themselves where they outlived it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { NewPort, Port } from '../../../src/drivers/openstack/neutron.ts';
import { patience } from '../../support/devcloud.ts';
import { removePortsOf, restoredInstance } from '../../support/instances.ts';
import { MadeNetworks } from '../../support/made-networks.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';

let scratch: ScratchCloud;
let service: FaultyService;
let made: MadeNetworks;
let instanceId: string;
let groupName: string;
let groupId: string;
let networkId: string;
let ports: Port[];
let pointId: string;
const restoreIds: string[] = [];

before(async () => {
  scratch = await ScratchCloud.open('ninst-ports');
  service = await startFaultyService();
  const { neutron } = scratch.owner();
  made = new MadeNetworks(scratch.owner());
  groupName = scratch.name('group');
  groupId = await made.securityGroup(groupName);
  const own = await made.network(scratch.name('network'), '10.78.0.0/24');
  networkId = own.networkId;
  const [shared] = await neutron.findNetworks('private');
  const make = (port: Omit<NewPort, 'name'>): Promise<Port> =>
    neutron.createPort({ name: scratch.name('port'), ...port });
  ports = [
    await make({
      networkId: shared?.id ?? '',
      fixedIps: [],
      securityGroupIds: [groupId],
      allowedAddressPairs: [
        { ipAddress: '10.20.0.250' },
        { ipAddress: '10.20.0.251', macAddress: 'fa:16:3e:78:00:09' },
      ],
    }),
    await make({
      networkId,
      fixedIps: [{ subnetId: own.subnetId, ipAddress: '10.78.0.78' }],
      macAddress: 'fa:16:3e:78:00:01',
      portSecurity: false,
      securityGroupIds: [],
    }),
  ];
  const disks = [{ volumeId: await scratch.volume({ bootable: true }) }];
  instanceId = await scratch.instance({ disks, ports: ports.map(({ id }) => id) });
  pointId = (await service.backup({ instance: instanceId })).result.point_id;
});
after(async () => {
  await service.stop();
  const owner = scratch.owner();
  await scratch.close();
  await removePortsOf(owner, [scratch.prefix, ...restoreIds]);
  await made.close();
});

async function bringBack() {
  const job = await service.restore({ mode: 'instance', point: { id: pointId } });
  restoreIds.push(job.result.restore_id);
  const { id, notes } = restoredInstance(scratch, job);
  return { id, notes, ports: await portsOf(id) };
}

/** In the order of their networks, as they were made. */
async function portsOf(id: string): Promise<Port[]> {
  const found = await scratch.owner().neutron.listPorts({ deviceId: id });
  return ports.flatMap((port) => found.filter((one) => one.networkId === port.networkId));
}

async function remove(id: string): Promise<void> {
  const { nova } = scratch.owner();
  await nova.deleteServer(id);
  await nova.waitForServerGone(id, patience);
}

/** What makes one port like another: all but what it is called and whose it is. */
function likeness(port: Port): unknown {
  return { ...port, id: undefined, name: undefined, deviceId: undefined };
}

test('ports that outlive the instance are its own again', async () => {
  await remove(instanceId);
  const again = await bringBack();
  assert.deepEqual(
    again.ports.map(({ id }) => id),
    ports.map(({ id }) => id),
  );
  assert.deepEqual(again.notes, []);
  await remove(again.id);
});

test('ports that went with it are made as they were: addresses, MACs, groups, pairs, without port security', async () => {
  const { neutron } = scratch.owner();
  for (const { id } of ports) await neutron.deletePort(id);
  const again = await bringBack();
  assert.deepEqual(again.ports.map(likeness), ports.map(likeness));
  assert.deepEqual(again.notes, []);
  await remove(again.id);
  await removePortsOf(scratch.owner(), restoreIds);
});

test('a group that is gone is told, and a network that is gone is told before anything is made', async () => {
  await made.remove('security-groups', groupId);
  const again = await bringBack();
  assert.deepEqual(again.notes, [`security group ${groupName} is gone`]);
  const groups = await scratch.owner().neutron.listSecurityGroups(scratch.projectId());
  assert.deepEqual(
    again.ports[0]?.securityGroupIds.map((id) => groups.find((group) => group.id === id)?.name),
    ['default'],
  );
  await remove(again.id);
  await removePortsOf(scratch.owner(), restoreIds);
  await made.remove('networks', networkId);
  const { job } = await service.failedRestore({ mode: 'instance', point: { id: pointId } });
  assert.equal(job.error?.type, 'CONFLICT_INSTANCE_PLAN');
  assert.match(
    job.error.message,
    new RegExp(`network ${networkId}, which it was on with 10\\.78\\.0\\.78, is gone`),
  );
});
