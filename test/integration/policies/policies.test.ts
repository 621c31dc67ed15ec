/** An instance protects itself by its metadata, on the real cloud: the scheduler backs it up and expires what is old. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { rm } from 'node:fs/promises';
import type {
  WirePolicy,
  WirePolicyAssignment,
  WirePolicySource,
} from '../../../src/entry/cli/policy-view.ts';
import type { WireJob, WirePoint } from '../../../src/entry/cli/wire.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import {
  ApiFailure,
  makeStateDir,
  startTestService,
  succeeded,
  type TestService,
} from '../../support/service.ts';

let stateDir: string;
let scratch: ScratchCloud;
let service: TestService;

before(async () => {
  stateDir = await makeStateDir();
  const config = join(stateDir, 'emberkeep.yaml');
  await writeFile(config, 'scheduler: { tick_seconds: 1 }\n');
  scratch = await ScratchCloud.open('pol');
  service = await startTestService({ stateDir, env: { EMBERKEEP_CONFIG: config } });
});
after(async () => {
  await service.stop();
  await scratch.close();
  await rm(stateDir, { recursive: true, force: true });
});

/** Asks until it is there, for about three minutes. */
async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 360; attempt += 1) {
    const found = await ask();
    if (found !== undefined) return found;
    await sleep(500);
  }
  throw new Error('it did not come');
}

async function pointsOf(instanceId: string, cloud?: string): Promise<WirePoint[]> {
  const path = `/v1/points?source=${instanceId}`;
  return (await service.call<{ points: WirePoint[] }>('GET', path, undefined, cloud)).points;
}

async function jobsOf(kind: string, instanceId: string): Promise<WireJob[]> {
  const { jobs } = await service.call<{ jobs: WireJob[] }>('GET', `/v1/jobs?kind=${kind}`);
  return jobs.filter(({ target }) => target['id'] === instanceId);
}

const tenant = 'devcloud-tenant';
const other = 'devcloud-other';

test('an instance with the metadata is backed up by the scheduler and expired by the rule', async () => {
  const volume = await scratch.volume({ bootable: true });
  const policy = `pol-${process.pid}`;
  const id = await scratch.instance({
    disks: [{ volumeId: volume }],
    metadata: { 'emberkeep:policy': policy },
  });
  const byHand = await service.backup({ instance: id });
  await service.call('POST', '/v1/policies', {
    name: policy,
    schedule: { every: '1m' },
    cycle: { forever: true },
    retention: { keep: { last: 1 } },
    published: true,
  });
  const sourcesPath = `/v1/policies/${policy}/sources`;
  const source = await eventually(async () => {
    const { sources } = await service.call<{ sources: WirePolicySource[] }>(
      'GET',
      sourcesPath,
      undefined,
      tenant,
    );
    return sources.find(({ source_id: sourceId }) => sourceId === id);
  });
  assert.ok(source.next_run_at !== null);

  const backup = await eventually(async () =>
    (await jobsOf('backup', id)).find(({ requested_by: by }) => by.user_name === `policy ${policy}`),
  );
  const ended = succeeded(await service.ended(backup.id));
  assert.equal(ended.target['policy'], policy);
  const expiry = await eventually(async () => (await jobsOf('expire', id))[0]);
  const { result } = succeeded(await service.ended(expiry.id));
  assert.deepEqual(result?.['point_ids'], [byHand.result.point_id], 'the point that was taken by hand went');
  const left = (await pointsOf(id, tenant)).map((point) => point.id);
  assert.ok(left.length >= 1 && !left.includes(byHand.result.point_id));

  assert.deepEqual(await pointsOf(id, other), [], 'I7');
  const seen = await service.call<{ sources: WirePolicySource[] }>('GET', sourcesPath, undefined, other);
  assert.deepEqual(seen.sources, [], 'I7');
  await service.call('PATCH', `/v1/policies/${policy}`, { enabled: false, published: false });
  await assert.rejects(
    service.call('GET', sourcesPath, undefined, other),
    (error) => error instanceof ApiFailure && error.status === 404,
    'I7',
  );
});

test('a tenant assigns a published policy to its own instance, nobody else can, and nobody else sees it', async () => {
  const policy = `pol-b-${process.pid}`;
  await service.call<{ policy: WirePolicy }>('POST', '/v1/policies', {
    name: policy,
    schedule: { cron: '0 2 * * *', time_zone: 'Europe/Berlin' },
    published: true,
  });
  const volume = await scratch.volume({ bootable: true });
  const id = await scratch.instance({ disks: [{ volumeId: volume }] });
  const path = `/v1/policies/${policy}/assignments`;
  const notFound = (error: unknown): boolean => error instanceof ApiFailure && error.status === 404;
  await assert.rejects(service.call('POST', path, { instance: id }, other), notFound, 'I7');
  const { assignment } = await service.call<{ assignment: WirePolicyAssignment }>(
    'POST',
    path,
    { instance: id },
    tenant,
  );
  const ofOther = await service.call<{ assignments: unknown[] }>('GET', path, undefined, other);
  assert.deepEqual(ofOther.assignments, [], 'I7');
  await assert.rejects(service.call('DELETE', `${path}/${assignment.id}`, undefined, other), notFound, 'I7');
  const sourcesOf = async (): Promise<WirePolicySource[]> =>
    (await service.call<{ sources: WirePolicySource[] }>('GET', `/v1/policies/${policy}/sources`)).sources;
  await eventually(async () => (await sourcesOf()).find(({ source_id: sourceId }) => sourceId === id));
  await service.call('DELETE', `${path}/${assignment.id}`, undefined, tenant);
  await eventually(async () => ((await sourcesOf()).length === 0 ? true : undefined));
});
