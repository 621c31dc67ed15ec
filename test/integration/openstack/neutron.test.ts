/** What a restored instance's ports rest on: Neutron keeps what it is asked for, and says which address is in the way. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Network, Port } from '../../../src/drivers/openstack/neutron.ts';
import type { OpenStack, OpenStackClients } from '../../../src/drivers/openstack/openstack.ts';
import { Cleanup, openCloud, projectNamed, uniqueName } from '../../support/devcloud.ts';
import { MadeNetworks } from '../../support/made-networks.ts';

const cleanup = new Cleanup();
let openstack: OpenStack;
let owner: OpenStackClients;
let projectId: string;
let network: Network;
let subnetId: string;
let made: MadeNetworks;

before(async () => {
  openstack = openCloud('emberkeep');
  projectId = await projectNamed(openstack, 'tenant');
  owner = openstack.inProject(projectId);
  made = new MadeNetworks(owner);
  const name = uniqueName('network');
  ({ subnetId } = await made.network(name, '10.77.0.0/29'));
  const [found] = await owner.neutron.findNetworks(name);
  assert.ok(found);
  network = found;
});
after(async () => {
  await cleanup.run();
  await made.close();
  openstack.close();
});

async function makePort(
  port: Omit<Parameters<typeof owner.neutron.createPort>[0], 'networkId'>,
): Promise<Port> {
  const found = await owner.neutron.createPort({ ...port, networkId: network.id });
  cleanup.add(() => owner.neutron.deletePort(found.id));
  return found;
}

test('a network is found by name and by id, with its owner and subnets', async () => {
  assert.deepEqual(await owner.neutron.findNetworks(network.id), [network]);
  const { projectId: ownerId, isShared, subnetIds, hasPortSecurity } = network;
  assert.deepEqual([ownerId, isShared, subnetIds, hasPortSecurity], [projectId, false, [subnetId], true]);
  assert.deepEqual(await owner.neutron.findNetworks('nowhere'), []);
  const [shared] = await owner.neutron.findNetworks('private');
  assert.equal(shared?.isShared, true);
});

test('a port has the address, MAC, groups and pairs that it was made with, and is found by each', async () => {
  const name = uniqueName('port');
  const groupId = await made.securityGroup(name);
  const wanted = {
    name,
    macAddress: 'fa:16:3e:77:00:01',
    fixedIps: [{ subnetId, ipAddress: '10.77.0.3' }],
    securityGroupIds: [groupId],
    portSecurity: true,
    vnicType: 'normal',
    allowedAddressPairs: [{ ipAddress: '10.77.0.9', macAddress: 'fa:16:3e:77:00:09' }],
  };
  const port = await makePort(wanted);
  const { id, deviceId, ...rest } = port;
  assert.equal(deviceId, undefined);
  assert.deepEqual(rest, { ...wanted, networkId: network.id, projectId });
  for (const filter of [
    { id },
    { name },
    { macAddress: wanted.macAddress.toUpperCase() },
    { networkId: network.id, ipAddress: '10.77.0.3' },
  ])
    assert.deepEqual(await owner.neutron.listPorts(filter), [port], JSON.stringify(filter));
  const groups = await owner.neutron.listSecurityGroups(projectId);
  assert.deepEqual(groups.find((one) => one.id === groupId)?.name, name);
});

test('without port security a port has no groups, and without anything it has what Neutron chooses', async () => {
  const open = await makePort({
    name: uniqueName('open'),
    fixedIps: [],
    portSecurity: false,
    securityGroupIds: [],
  });
  assert.deepEqual([open.portSecurity, open.securityGroupIds], [false, []]);
  const usual = await makePort({ name: uniqueName('usual'), fixedIps: [] });
  const groups = await owner.neutron.listSecurityGroups(projectId);
  assert.deepEqual(
    usual.securityGroupIds.map((id) => groups.find((group) => group.id === id)?.name),
    ['default'],
  );
  assert.equal(usual.fixedIps.length, 1);
});

test("an address or MAC in use, one of elsewhere, and a network without a free one are told in Neutron's words", async () => {
  const taken = await makePort({ name: uniqueName('taken'), fixedIps: [{ subnetId }] });
  const [address] = taken.fixedIps;
  assert.ok(address);
  const again = (port: Partial<Parameters<typeof makePort>[0]>): Promise<Port> =>
    makePort({ name: uniqueName('again'), fixedIps: [], ...port });
  await assert.rejects(again({ fixedIps: [address] }), /IP address .* already allocated|is in use/i);
  await assert.rejects(again({ macAddress: taken.macAddress }), /mac address .* is in use/i);
  await assert.rejects(
    again({ fixedIps: [{ subnetId, ipAddress: '10.78.0.1' }] }),
    /10\.78\.0\.1 is not a valid IP/,
  );
  await assert.rejects(async () => {
    for (let left = 8; left > 0; left -= 1) await again({});
  }, /No more IP addresses available/);
});

test('a port that is gone is gone, and removing it again is fine', async () => {
  const service = owner.keystone.service('network');
  const name = uniqueName('gone');
  // The small network may be full.
  const [shared] = await owner.neutron.findNetworks('private');
  const port = await owner.neutron.createPort({ name, networkId: shared?.id ?? '', fixedIps: [] });
  await owner.neutron.deletePort(port.id);
  await owner.neutron.deletePort(port.id);
  assert.deepEqual(await owner.neutron.listPorts({ id: port.id }), []);
  const path = `/v2.0/ports/${port.id}`;
  assert.equal((await service.request({ method: 'GET', path, expected: [404] })).status, 404);
});
