/** A new instance that cannot be had, or does not come up, leaves nothing. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { WireJob, WireRestore } from '../../../src/entry/cli/wire.ts';
import { everything } from '../../support/instances.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';

let scratch: ScratchCloud;
let service: FaultyService;
let name: string;
let pointId: string;

before(async () => {
  scratch = await ScratchCloud.open('ninst-faults');
  service = await startFaultyService();
  name = scratch.name('web');
  const [root, data] = await Promise.all([scratch.volume({ bootable: true }), scratch.volume()]);
  const disks = [{ volumeId: root }, { volumeId: data, tag: 'data', deleteOnTermination: true }];
  const instance = await scratch.instance({ name, zone: 'libvirt', disks });
  pointId = (await service.backup({ instance })).result.point_id;
});
afterEach(() => {
  service.clear();
});
after(async () => {
  await service.stop();
  await scratch.close();
});

function problemsOf({ error }: WireJob): string[] {
  const problems = error?.details['problems'] as { what: string; remedy: string }[];
  return problems.map(({ what, remedy }) => `${what}; ${remedy}`);
}

test('what cannot be had is told all at once, before anything is made', async () => {
  const before = await everything(scratch);
  const { restore, job } = await service.failedRestore({
    point: { id: pointId },
    mode: 'instance',
    name,
    instance: { flavor: 'm9.huge', networks: ['nowhere'], key_name: 'nobodys', availability_zone: 'moon' },
  });
  assert.equal(job.error?.type, 'CONFLICT_INSTANCE_PLAN');
  const problems = problemsOf(job);
  const expected = [/named .* another --name/, /"m9.huge"/, /"moon"/, /"nobodys"/, /"nowhere"/];
  assert.equal(problems.length, expected.length, problems.join('\n'));
  for (const [at, pattern] of expected.entries()) assert.match(problems[at] ?? '', pattern);
  assert.deepEqual(await everything(scratch, restore.id), before);
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
      point: { id: pointId },
      mode: 'instance',
      instance: { networks: [id, name], flavor: flavorId },
    });
    const problems = problemsOf(job);
    assert.equal(problems.filter((problem) => problem.includes('was not found')).length, 3);
  } finally {
    await network.request({ method: 'DELETE', path: `/v2.0/networks/${id}`, expected: [204] });
    await compute.request({ method: 'DELETE', path: `${path}/${flavorId}`, expected: [202] });
  }
});

test('a quota that has no room is such a problem', async () => {
  service.hooks.cinder.volumeRoom = () => Promise.resolve({ volumes: 1, volumeGib: 100 });
  const { job } = await service.failedRestore({ point: { id: pointId }, mode: 'instance' });
  assert.equal(job.error?.type, 'CONFLICT_INSTANCE_PLAN');
  assert.match(job.error.message, /quota has room for 1 more volumes, and 2 are needed/);
});

test('an instance that goes to ERROR takes its volumes and its port along', async () => {
  const before = await everything(scratch);
  const { restore, job } = await service.failedRestore({
    point: { id: pointId },
    mode: 'instance',
    // Behind the development cloud's networks there is nothing that libvirt could plug a port into.
    instance: { networks: ['private'] },
  });
  assert.equal(job.error?.type, 'OPENSTACK_INSTANCE_ERROR');
  assert.deepEqual(await everything(scratch, restore.id), before);
  assert.deepEqual(await scratch.freshImages(restore.id), []);
});

test('a restore that is cancelled while its instance boots leaves nothing', async () => {
  const before = await everything(scratch);
  const reached = Promise.withResolvers<undefined>();
  const cancelled = Promise.withResolvers<undefined>();
  service.hooks.nova.waitForServer = async (id, status, wait) => {
    reached.resolve(undefined);
    await cancelled.promise;
    return await service.real.openstack.inProject(scratch.projectId()).nova.waitForServer(id, status, wait);
  };
  const request = { point: { id: pointId }, mode: 'instance' };
  const { restore } = await service.call<{ restore: WireRestore }>('POST', '/v1/restores', request);
  await reached.promise;
  await service.call('POST', `/v1/jobs/${restore.job_id}/cancel`);
  cancelled.resolve(undefined);
  assert.equal((await service.ended(restore.job_id)).state, 'cancelled');
  assert.deepEqual(await everything(scratch, restore.id), before);
  assert.deepEqual(await scratch.freshImages(restore.id), []);
});
