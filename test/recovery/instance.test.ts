/** The steps of mode `instance` that a restore of volumes does not have: the port and the instance. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RestoredInstance } from '../../src/domain/restore.ts';
import { restoreMark } from '../../src/workflows/restore/deps.ts';
import { patience } from '../support/devcloud.ts';
import type { KillOrder } from './kill-switch.ts';
import { Relay, spread, sweep } from './relay.ts';
import { openScene, type Scene } from './scene.ts';
import { hashImage, imagesOf } from './source-disk.ts';

type Step = Pick<KillOrder, 'name' | 'argument' | 'moment'>;

/** In their order. */
const steps: Step[] = [
  { name: 'jobs.recordPlan', argument: 'volume made', moment: 'after' },
  { name: 'jobs.recordPlan', argument: 'making the instance', moment: 'before' },
  { name: 'jobs.recordPlan', argument: 'making the instance', moment: 'after' },
  { name: 'neutron.createPort', moment: 'during' },
  { name: 'neutron.createPort', moment: 'after' },
  { name: 'nova.createServer', moment: 'before' },
  { name: 'nova.createServer', moment: 'during' },
  { name: 'nova.createServer', moment: 'after' },
  { name: 'jobs.recordPlan', argument: 'instance made', moment: 'before' },
  { name: 'jobs.recordPlan', argument: 'instance made', moment: 'after' },
  { name: 'nova.waitForServer', moment: 'during' },
  { name: 'nova.waitForServer', moment: 'after' },
];

let scene: Scene;
let relay: Relay;
/** What the disks hold at the point. */
let expected: string[];

before(async () => {
  scene = await openScene('instance');
  relay = new Relay(scene);
  const { job } = await relay.run(scene.requestBackup);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  expected = await Promise.all(scene.disks.map(({ location }) => hashImage(location)));
});
after(async () => {
  await scene.close();
});

function orderOf(step: Step, attempt = 1): KillOrder {
  return { attempt, call: 1, ...step };
}

async function request(): Promise<{ id: string; jobId: string }> {
  const { id, jobId } = await scene.operations.requestRestore(scene.caller, {
    point: { sourceKind: 'instance', nameOrId: scene.instanceId, at: 'latest' },
    mode: 'instance',
    disks: [],
    name: undefined,
    plain: false,
    instance: { networks: ['private'] },
  });
  return { id, jobId: jobId ?? '' };
}

/** Everything in the cloud that has the restore's mark or name. */
async function madeBy(restoreId: string) {
  const { nova, cinder, neutron } = scene.owner;
  const [servers, volumes, ports, images] = await Promise.all([
    Array.fromAsync(nova.listServers()),
    Array.fromAsync(cinder.listVolumes()),
    neutron.listPorts({}),
    Promise.all(['backups', 'volumes'].map(imagesOf)),
  ]);
  return {
    servers: servers
      .filter(({ description }) => description.metadata[restoreMark] === restoreId)
      .map(({ description }) => description.id),
    volumes: volumes
      .filter(({ description }) => description.metadata[restoreMark]?.startsWith(restoreId) === true)
      .map(({ description }) => description.id),
    ports: ports.filter(({ name }) => name.includes(restoreId)).map(({ id }) => id),
    images: images.flat().filter((image) => image.includes(`restore-${restoreId}`)),
  };
}

async function forget({ servers, volumes, ports }: Awaited<ReturnType<typeof madeBy>>): Promise<void> {
  const { nova, cinder, neutron } = scene.owner;
  for (const id of servers) {
    await nova.deleteServer(id);
    await nova.waitForServerGone(id, patience);
  }
  for (const id of ports) await neutron.deletePort(id);
  for (const id of volumes) {
    const found = await cinder.findVolumes(id);
    if (found.some(({ status }) => status !== 'deleting')) await cinder.deleteVolume(id);
    await cinder.waitForVolumeGone(id, patience);
  }
}

/** A killed restore is taken to its end: one instance, with one port and the two disks of the point. */
async function survive(kill: KillOrder, again?: KillOrder): Promise<string> {
  let restoreId = '';
  const ask = async (): Promise<string> => {
    const { id, jobId } = await request();
    restoreId = id;
    return jobId;
  };
  const { job, killed } = await relay.run(ask, kill, again);
  assert.notEqual(killed, '', `never came to ${JSON.stringify(kill)}`);
  const made = await madeBy(restoreId);
  try {
    assert.equal(job.state, 'succeeded', `${killed}: ${JSON.stringify(job.error)}`);
    const { instanceId } = job.result?.['instance'] as RestoredInstance;
    assert.deepEqual(made.servers, [instanceId], `${killed}: one instance`);
    assert.equal(made.ports.length, 1, `${killed}: one port`);
    assert.equal(made.volumes.length, 2, `${killed}: two volumes`);
    assert.deepEqual(made.images, [], `${killed}: no image but the volumes'`);
    const { nova } = scene.owner;
    const server = await nova.getServer(instanceId);
    assert.equal(server.state.status, 'ACTIVE', killed);
    assert.deepEqual(
      server.description.ports.map(({ portId }) => portId),
      made.ports,
      killed,
    );
    const attached = await nova.describeAttachments(server);
    const contents = attached.map(({ volumeId }) =>
      hashImage({ cluster: 'ceph', pool: 'volumes', image: `volume-${volumeId}` }),
    );
    assert.deepEqual(await Promise.all(contents), expected, `${killed}: the disks are the point`);
  } finally {
    await forget(made);
  }
  return killed;
}

/** Kills that follow one another in one job. */
const kills: [Step, Step?][] = [
  ...steps.map((step): [Step] => [step]),
  [
    { name: 'nova.createServer', moment: 'after' },
    { name: 'jobs.recordPlan', argument: 'instance made', moment: 'before' },
  ],
];

test('a new instance whose maker is killed at any of its steps, or twice, is made once', sweep, async (t) => {
  for (const [first, second] of spread(t, kills, 2)) {
    t.diagnostic(await survive(orderOf(first), second === undefined ? undefined : orderOf(second, 2)));
  }
});

test('one that is cancelled while its worker is dead leaves nothing', async (t) => {
  const moments: Step[] = [
    { name: 'neutron.createPort', moment: 'after' },
    { name: 'nova.createServer', moment: 'after' },
    { name: 'nova.waitForServer', moment: 'during' },
  ];
  for (const step of spread(t, moments, 1)) {
    const runner = await relay.runner({ kill: orderOf(step) });
    const { id, jobId } = await request();
    await runner.exited;
    await scene.operations.cancelJob(scene.caller, jobId);
    await relay.runner();
    const job = await scene.ended(jobId);
    assert.equal(job.state, 'cancelled', JSON.stringify(job.error));
    const made = await madeBy(id);
    await forget(made);
    assert.deepEqual(made, { servers: [], volumes: [], ports: [], images: [] });
  }
});
