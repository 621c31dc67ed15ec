/** Whole instances that are brought back: from what was recorded, and from what is left of it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { OpenStack } from '../../../src/drivers/openstack/openstack.ts';
import type { WireInstance, WireJob, WireRestore } from '../../../src/entry/cli/wire.ts';
import { restoreMark } from '../../../src/workflows/restore/deps.ts';
import { openCloud, patience } from '../../support/devcloud.ts';
import { imageSha256 } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';

const userData = Buffer.from('#cloud-config\npassword: guess-me\n').toString('base64');
const tool = join(import.meta.dirname, '../../../deploy/devcloud/cloud.sh');

interface Guest {
  instance: string;
  root: string | null;
  data: string;
}

let scratch: ScratchCloud;
let service: FaultyService;
let tenant: OpenStack;
let keyName: string;
const restoreIds: string[] = [];

before(async () => {
  scratch = await ScratchCloud.open('ninst');
  tenant = openCloud('devcloud-tenant');
  keyName = scratch.name('key');
  await tenant.nova.importKeyPair({ name: keyName, type: 'ssh', publicKey: publicKey() });
  service = await startFaultyService();
});
afterEach(() => {
  service.clear();
});
after(async () => {
  await service.stop();
  await tenant.nova.deleteKeyPair(keyName);
  await scratch.close();
  // Those that a restore made outlive their instance.
  for (const port of await tenant.neutron.listPorts({}))
    if ([scratch.prefix, ...restoreIds].some((mine) => port.name.includes(mine)))
      await tenant.neutron.deletePort(port.id);
  tenant.close();
});

/** In OpenSSH's form: lengths and numbers, RFC 4253, section 6.6. */
function publicKey(): string {
  const { n = '', e = '' } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
    format: 'jwk',
  });
  const parts = [Buffer.from('ssh-rsa'), Buffer.from(e, 'base64url'), Buffer.from(`00${hex(n)}`, 'hex')];
  const blob = Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
  return `ssh-rsa ${blob.toString('base64')} ninst`;
}

function hex(text: string): string {
  return Buffer.from(text, 'base64url').toString('hex');
}

/** The development cloud's tool for guests that show on their console what their disks hold. */
async function guest(...args: string[]): Promise<string> {
  return (await promisify(execFile)('bash', [tool, 'guest', ...args])).stdout;
}

async function remove(instanceId: string): Promise<void> {
  const { nova } = scratch.owner();
  await nova.deleteServer(instanceId);
  await nova.waitForServerGone(instanceId, patience);
}

async function consoleShows(instanceId: string, ...texts: string[]): Promise<void> {
  const { nova } = scratch.owner();
  for (let waitedMs = 0; ; waitedMs += 500) {
    const output = await nova.consoleOutput(instanceId, 50);
    if (texts.every((text) => output.includes(text))) return;
    if (waitedMs > patience.timeoutMs) throw new Error(`the console shows ${JSON.stringify(output)}`);
    await sleep(500);
  }
}

function restoredInstance({ result }: WireJob): {
  id: string;
  name: string;
  flavor: string;
  notes: string[];
} {
  const { instance_id: id, ...rest } = result?.['instance'] as {
    instance_id: string;
    name: string;
    flavor: string;
    notes: string[];
  };
  scratch.adoptInstance(id);
  restoreIds.push(String(result?.['restore_id']));
  return { id, ...rest };
}

async function listDeleted(query = '', cloud = 'devcloud-tenant'): Promise<WireInstance[]> {
  const path = `/v1/instances?deleted=true${query}`;
  return (await service.call<{ instances: WireInstance[] }>('GET', path, undefined, cloud)).instances;
}

/** Whatever a restore could have left; equal before and after means that it left nothing. */
async function everything(): Promise<unknown> {
  const { nova, neutron } = scratch.owner();
  const servers = (await Array.fromAsync(nova.listServers())).map(({ description }) => description);
  return {
    servers: servers
      .filter(({ name }) => name.startsWith(scratch.prefix))
      .map(({ id }) => id)
      .toSorted(),
    volumes: (await scratch.volumes()).map(({ id, status }) => `${id} ${status}`).toSorted(),
    ports: (await neutron.listPorts({})).map(({ id }) => id).toSorted(),
    key: await scratch.admin.nova.findKeyPair(keyName),
  };
}

/** A running guest whose disks go with it, and its point. */
let lost: { id: string; name: string; pointId: string; sha256: string[] };

test('an instance that is gone with its volumes is brought back, and boots', async () => {
  const name = scratch.name('guest');
  const texts = ['NINST ROOT', 'NINST GENERATION 1'];
  const file = ['--file', 'test.txt=precious'];
  const args = ['--text', texts[0] ?? '', '--data-text', texts[1] ?? '', ...file];
  const made = JSON.parse(await guest('create', name, ...args)) as Guest;
  assert.ok(made.root);
  // Again, as a tenant with habits: the tool knows no tags, keys and the like.
  await remove(made.instance);
  const id = await tenant.nova.createServer({
    name,
    description: 'the shop',
    flavorRef: '42',
    networks: 'none',
    availability_zone: 'libvirt',
    key_name: keyName,
    user_data: userData,
    metadata: { team: 'blue' },
    tags: ['shop', 'web'],
    block_device_mapping_v2: [made.root, made.data].map((uuid, index) => ({
      uuid,
      source_type: 'volume',
      destination_type: 'volume',
      boot_index: index === 0 ? 0 : -1,
      delete_on_termination: true,
      tag: index === 0 ? 'system' : 'data',
    })),
  });
  scratch.adoptInstance(id);
  const { nova } = scratch.owner();
  await nova.waitForServer(id, 'ACTIVE', patience);
  const was = await nova.getServer(id);
  const wasAttached = await nova.describeAttachments(was);
  const { result } = await service.backup({ instance: id });
  const images = [made.root, made.data].map((volumeId) => `volumes/volume-${volumeId}`);
  const sha256 = await Promise.all(images.map((image) => imageSha256(image)));
  lost = { id, name, pointId: result.point_id, sha256 };
  assert.deepEqual(await listDeleted(`&name=${name}`), []);
  await remove(id);
  const { cinder } = scratch.owner();
  for (const volumeId of [made.root, made.data]) await cinder.waitForVolumeGone(volumeId, patience);

  const [gone, ...others] = await listDeleted(`&name=${name}`);
  assert.deepEqual(others, []);
  assert.deepEqual([gone?.id, gone?.status, gone?.last_point?.id], [id, 'DELETED', result.point_id]);
  assert.deepEqual(await listDeleted(`&name=${name}`, 'devcloud-other'), []);

  const request = { point: { instance: name }, mode: 'instance' };
  const asked = await service.call<{ restore: WireRestore }>(
    'POST',
    '/v1/restores',
    request,
    'devcloud-tenant',
  );
  const job = await service.ended(asked.restore.job_id);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  const instance = restoredInstance(job);
  assert.deepEqual(instance, { id: instance.id, name, flavor: 'm1.nano', notes: [] });
  const shown = await service.call<{ restore: WireRestore }>('GET', `/v1/restores/${asked.restore.id}`);
  assert.equal(shown.restore.instance?.id, instance.id);

  const is = await nova.getServer(instance.id);
  const like = {
    ...was.description,
    id: instance.id,
    userId: is.description.userId,
    metadata: { team: 'blue', [restoreMark]: asked.restore.id },
  };
  assert.deepEqual(is.description, like);
  assert.equal(is.description.keyName, keyName);
  assert.equal(is.description.userData, userData);
  assert.equal(await scratch.admin.nova.findKeyPair(keyName), undefined, 'the key was only borrowed');
  const isAttached = await nova.describeAttachments(is);
  assert.deepEqual(
    isAttached.map(({ attachment }) => attachment),
    wasAttached.map(({ attachment }) => ({ ...attachment, instanceId: instance.id })),
  );
  await consoleShows(instance.id, texts[0] ?? '', `data: ${texts[1] ?? ''}`);
  const now = isAttached.map(({ volumeId }) => imageSha256(`volumes/volume-${volumeId}`));
  assert.deepEqual(await Promise.all(now), sha256);
  assert.equal(await guest('cat', `${isAttached[1]?.volumeId ?? ''}`, 'test.txt'), 'precious\n');
  assert.equal((await listDeleted(`&name=${name}`)).length, 1, 'the new one is another instance');
});

test('what cannot be had is told all at once, before anything is made', async () => {
  const before = await everything();
  const { restore, job } = await service.failedRestore({
    point: { id: lost.pointId },
    mode: 'instance',
    name: lost.name,
    instance: { flavor: 'm9.huge', networks: ['nowhere'], key_name: 'nobodys', availability_zone: 'moon' },
  });
  assert.equal(job.error?.type, 'CONFLICT_INSTANCE_PLAN');
  const problems = job.error.details['problems'] as string[];
  const expected = [/named .* another --name/, /"m9.huge"/, /"moon"/, /"nobodys"/, /"nowhere"/];
  assert.equal(problems.length, expected.length, problems.join('\n'));
  for (const [at, pattern] of expected.entries()) assert.match(problems[at] ?? '', pattern);
  assert.deepEqual(await everything(), before);
  assert.deepEqual(await scratch.freshImages(restore.id), []);
});

test("another project's network and flavor are as unknown as if they were not", async () => {
  const network = scratch.admin.keystone.service('network');
  const name = scratch.name('network');
  const projectId = scratch.projectId('other');
  const made = await network.request({
    method: 'POST',
    path: '/v2.0/networks',
    body: { network: { name, project_id: projectId } },
    expected: [201],
  });
  const { id } = (made.body as { network: { id: string } }).network;
  const compute = scratch.admin.keystone.service('compute');
  const flavor = { name: scratch.name('private'), vcpus: 1, ram: 64, disk: 0 };
  const path = '/flavors';
  const answer = await compute.request({
    method: 'POST',
    path,
    body: { flavor: { ...flavor, 'os-flavor-access:is_public': false } },
    expected: [200],
  });
  const flavorId = (answer.body as { flavor: { id: string } }).flavor.id;
  try {
    const { job } = await service.failedRestore({
      point: { id: lost.pointId },
      mode: 'instance',
      instance: { networks: [id, name], flavor: flavorId },
    });
    const problems = job.error?.details['problems'] as string[];
    assert.equal(problems.filter((problem) => problem.includes('was not found')).length, 3);
  } finally {
    await network.request({ method: 'DELETE', path: `/v2.0/networks/${id}`, expected: [204] });
    await compute.request({ method: 'DELETE', path: `${path}/${flavorId}`, expected: [202] });
  }
});

test('a quota that has no room is such a problem', async () => {
  service.hooks.cinder.volumeRoom = () => Promise.resolve({ volumes: 1, volumeGib: 100 });
  const { job } = await service.failedRestore({ point: { id: lost.pointId }, mode: 'instance' });
  assert.equal(job.error?.type, 'CONFLICT_INSTANCE_PLAN');
  assert.match(job.error.message, /quota has room for 1 more volumes, and 2 are needed/);
});

test('an instance that goes to ERROR takes its volumes and its port along', async () => {
  const before = await everything();
  const { restore, job } = await service.failedRestore({
    point: { id: lost.pointId },
    mode: 'instance',
    // The fake driver knows no tags, and no libvirt host takes a port here.
    instance: { availability_zone: 'fake', networks: ['private'] },
  });
  assert.equal(job.error?.type, 'OPENSTACK_INSTANCE_ERROR');
  assert.deepEqual(await everything(), before);
  assert.deepEqual(await scratch.freshImages(restore.id), []);
});

test('a restore that is cancelled while its instance boots leaves nothing', async () => {
  const before = await everything();
  const reached = Promise.withResolvers<undefined>();
  const cancelled = Promise.withResolvers<undefined>();
  service.hooks.nova.waitForServer = async (id, status, wait) => {
    reached.resolve(undefined);
    await cancelled.promise;
    return await service.real.openstack.inProject(scratch.projectId()).nova.waitForServer(id, status, wait);
  };
  const request = { point: { id: lost.pointId }, mode: 'instance' };
  const { restore } = await service.call<{ restore: WireRestore }>('POST', '/v1/restores', request);
  await reached.promise;
  await service.call('POST', `/v1/jobs/${restore.job_id}/cancel`);
  cancelled.resolve(undefined);
  assert.equal((await service.ended(restore.job_id)).state, 'cancelled');
  assert.deepEqual(await everything(), before);
  assert.deepEqual(await scratch.freshImages(restore.id), []);
});

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
  const id = await nova.createServer({
    name,
    flavorRef: flavor.id,
    networks: [{ port: port.id }],
    availability_zone: 'fake',
    block_device_mapping_v2: [
      {
        uuid: await scratch.volume({ bootable: true }),
        source_type: 'volume',
        destination_type: 'volume',
        boot_index: 0,
      },
    ],
  });
  scratch.adoptInstance(id);
  await nova.waitForServer(id, 'ACTIVE', patience);
  const { result } = await service.backup({ instance: id });
  await admin.request({ method: 'DELETE', path: `/flavors/${flavor.id}`, expected: [202] });

  const point = { id: result.point_id };
  const first = restoredInstance(await service.restore({ point, mode: 'instance' }));
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
  const second = restoredInstance(await service.restore({ point, mode: 'instance' }));
  assert.equal(second.name, name);
  const [same] = (await nova.getServer(second.id)).description.ports;
  assert.deepEqual(
    [same?.macAddress, same?.fixedIps],
    [port.macAddress, port.fixedIps],
    'the addresses of the one that is gone',
  );

  await remove(second.id);
  const third = restoredInstance(
    await service.restore({ point, mode: 'instance', instance: { networks: [] } }),
  );
  assert.deepEqual((await nova.getServer(third.id)).description.ports, []);
});

test("a disk of Nova's own comes back as a volume that boots", async () => {
  const name = scratch.name('nova');
  const args = ['--root', 'nova', '--text', 'NINST NOVA DISK', '--data-text', 'BESIDE IT'];
  const made = JSON.parse(await guest('create', name, ...args)) as Guest;
  scratch.adoptInstance(made.instance);
  const { result } = await service.backup({ instance: made.instance });
  await remove(made.instance);
  const { id, notes } = restoredInstance(
    await service.restore({ point: { id: result.point_id }, mode: 'instance' }),
  );
  assert.deepEqual(notes, []);
  await consoleShows(id, 'NINST NOVA DISK', 'data: BESIDE IT');
  const { nova, cinder } = scratch.owner();
  const server = await nova.getServer(id);
  assert.equal(server.description.imageId, undefined);
  const [root] = await nova.describeAttachments(server);
  assert.ok(root?.attachment.isRoot);
  assert.equal(root.attachment.deleteOnTermination, true, 'it went with its instance, and does so again');
  assert.equal((await cinder.getVolume(root.volumeId)).description.bootable, true);
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
    const all = await listDeleted('&all_projects=true&limit=1', 'devcloud-admin');
    assert.equal(all.length, 1);
    const image = await service.restore({ point: { id: result.point_id }, mode: 'image' });
    scratch.adoptImage(image.result.disks[0]?.image ?? '');
  } finally {
    if (isProject) await identity.deleteProject(project.id);
  }
});
