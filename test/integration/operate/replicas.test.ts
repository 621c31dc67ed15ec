/** The service as several replicas on one PostgreSQL: an API, a worker, and what they do while the database is away. */
import assert from 'node:assert/strict';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import type { WireJob } from '../../../src/entry/cli/wire.ts';
import { readServerSentEvents } from '../../../src/entry/cli/server-sent-events.ts';
import { openCatalogServer, type CatalogServer } from '../../support/catalog-database.ts';
import { openCloud } from '../../support/devcloud.ts';
import { lintMetrics } from '../../support/promtool.ts';
import { changeImage, listSnapshots } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { ApiFailure, startTestService, type TestService } from '../../support/service.ts';

const mib = 1024 * 1024;
const admin = openCloud('devcloud-admin');
let scratch: ScratchCloud;
let database: CatalogServer;
let folder: string;
let api: TestService;
let other: TestService;
let worker: FaultyService;
let image: string;

before(async () => {
  scratch = await ScratchCloud.open('rep');
  database = await openCatalogServer();
  folder = await mkdtemp('/tmp/ek-rep-');
  const env = { EMBERKEEP_DATABASE_URL: database.url, EMBERKEEP_STORE: folder };
  // Two first starts at once: one brings the database up to date, the others wait for it.
  [api, other, worker] = await Promise.all([
    startTestService({ env, role: 'api', monitored: true }),
    startTestService({ env, role: 'api' }),
    startFaultyService({ env, role: 'worker', monitored: true }),
  ]);
  image = await scratch.image('volumes', 64 * mib);
});
after(async () => {
  for (const service of [worker, other, api]) await service.stop();
  admin.close();
  await database.close();
  await scratch.close();
  await rm(folder, { recursive: true });
});

async function answer(url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
}

/** The metrics' values by name and labels, as Prometheus reads them. */
async function metricsOf(service: TestService): Promise<Map<string, number>> {
  const { text } = await answer(`${service.service.monitoringUrl ?? ''}/metrics`);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]));
}

async function requestBackup(): Promise<string> {
  const { jobs } = await api.call<{ jobs: [WireJob] }>('POST', '/v1/backups', { target: { image } });
  return jobs[0].id;
}

/** Names of the events up to the end, over the replica that is given. */
async function follow(service: TestService, jobId: string): Promise<string[]> {
  const { value: token } = await admin.keystone.token();
  const response = await fetch(`${service.service.url}/v1/jobs/${jobId}/events`, {
    headers: { 'x-auth-token': token, accept: 'text/event-stream' },
  });
  assert.ok(response.body !== null && response.status === 200, String(response.status));
  const seen: string[] = [];
  for await (const { event, data } of readServerSentEvents(response.body)) {
    seen.push(event);
    assert.notEqual(event, 'error', data);
  }
  return seen;
}

test('replicas that start at once on an empty store make one store', async () => {
  const stores = await Promise.all([api, other, worker].map(({ drivers }) => drivers.stores.open()));
  const ids = stores.map(({ storeId }) => storeId);
  assert.equal(new Set(ids).size, 1, ids.join(' '));
});

test('a job asked for at one replica runs on the worker and is watched over another', async () => {
  await changeImage(image, [{ kind: 'write', offset: 0, length: 2 * mib, seed: 1 }]);
  const jobId = await requestBackup();
  const events = await follow(other, jobId);
  assert.equal(events.at(-1), 'end');
  assert.equal((await api.ended(jobId)).state, 'succeeded');
  const there = await metricsOf(worker);
  assert.equal(there.get('emberkeep_jobs_ended_total{kind="backup",state="succeeded"}'), 1);
  assert.equal(there.get('emberkeep_backup_read_bytes_total'), 2 * mib);
  assert.ok((there.get('emberkeep_transfer_bytes_total{direction="export",pool="volumes"}') ?? 0) > 2 * mib);
  const { storeId } = await worker.real.stores.open();
  assert.equal(there.get(`emberkeep_store_links{store="${storeId}",name="default"}`), 1);
  assert.equal((await metricsOf(api)).get(`emberkeep_store_links{store="${storeId}",name="default"}`), 1);
});

test('I7: metrics need no token and are nowhere but on their own address', async () => {
  for (const path of ['/metrics', '/v1/metrics']) {
    const { status, text } = await answer(api.service.url + path);
    assert.ok(status === 404 || status === 401, String(status));
    assert.doesNotMatch(text, /emberkeep_/);
  }
  const { text } = await answer(`${worker.service.monitoringUrl ?? ''}/v1/jobs`);
  assert.match(text, /^Not here/);
});

test('Prometheus has nothing to say against the form of what the service answers', async () => {
  for (const { service } of [worker, api])
    assert.deepEqual(lintMetrics((await answer(`${service.monitoringUrl ?? ''}/metrics`)).text), []);
});

test('every metric that the alerts and the dashboard name is there', async () => {
  const { text } = await answer(`${worker.service.monitoringUrl ?? ''}/metrics`);
  const known = new Set(
    [...text.matchAll(/^# TYPE (\S+)/gm)].flatMap(([, name = '']) => [
      name,
      ...['_bucket', '_sum', '_count'].map((part) => name + part),
    ]),
  );
  const alerts = await readFile('deploy/monitoring/alerts.yaml', 'utf8');
  const dashboard = await readFile('deploy/monitoring/dashboard.json', 'utf8');
  assert.ok(JSON.parse(dashboard) && parse(alerts));
  for (const source of [alerts, dashboard]) {
    const named = new Set([...source.matchAll(/\bemberkeep_[a-z_]+/g)].map(([name]) => name));
    assert.ok(named.size > 5);
    for (const name of named) assert.ok(known.has(name), name);
  }
});

test('all that the service stands on is looked at by itself', async () => {
  const { status, text } = await answer(`${worker.service.monitoringUrl ?? ''}/healthcheck`);
  const { checks } = JSON.parse(text) as { checks: { name: string; ok: boolean }[] };
  assert.deepEqual(
    checks.map(({ name }) => name),
    ['database', 'store', 'keystone', 'ceph'],
  );
  assert.deepEqual(
    checks.filter(({ ok }) => !ok),
    [],
  );
  assert.equal(status, 200);
});

test('PostgreSQL is killed in mid-job: the API says when to come again, and the job and its watcher go on', async () => {
  await changeImage(image, [{ kind: 'write', offset: 8 * mib, length: 2 * mib, seed: 2 }]);
  const { rbd } = worker.real;
  const killed = Promise.withResolvers<undefined>();
  const back = Promise.withResolvers<undefined>();
  worker.hooks.rbd.createSnapshot = async (at, name) => {
    await rbd.createSnapshot(at, name);
    await database.kill();
    killed.resolve(undefined);
    await back.promise;
  };
  const jobId = await requestBackup();
  const watching = follow(other, jobId);
  await killed.promise;
  worker.clear();
  const { value: token } = await admin.keystone.token();
  const away = await fetch(`${api.service.url}/v1/jobs/${jobId}`, { headers: { 'x-auth-token': token } });
  assert.equal(away.status, 503);
  assert.equal(away.headers.get('retry-after'), '5');
  assert.equal((await metricsOf(worker)).get('emberkeep_catalog_up'), 0);
  await database.start();
  back.resolve(undefined);
  assert.equal((await watching).at(-1), 'end');
  const job = await endedThrough(jobId);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  assert.equal((await listSnapshots(image)).length, 1);
  assert.equal((await worker.storedPoints()).length, 2);
  assert.equal((await worker.storedLinks()).length, 2);
  assert.equal((await metricsOf(worker)).get('emberkeep_catalog_up'), 1);
});

/** An answer of 503 is asked for again, as its header says. */
async function endedThrough(jobId: string): Promise<WireJob> {
  for (let round = 0; ; round += 1) {
    try {
      return await api.ended(jobId);
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.status !== 503 || round > 100) throw error;
      await sleep(200);
    }
  }
}

test('a replica that is told to stop is not ready at once, while its running job gets its time', async () => {
  await changeImage(image, [{ kind: 'write', offset: 16 * mib, length: mib, seed: 3 }]);
  const { rbd } = worker.real;
  const begun = Promise.withResolvers<undefined>();
  const goOn = Promise.withResolvers<undefined>();
  worker.hooks.rbd.createSnapshot = async (at, name) => {
    begun.resolve(undefined);
    await goOn.promise;
    await rbd.createSnapshot(at, name);
  };
  const jobId = await requestBackup();
  await begun.promise;
  const url = worker.service.monitoringUrl ?? '';
  assert.equal((await answer(`${url}/readyz`)).status, 200);
  const stopped = worker.service.stop({ graceful: true, timeoutMs: 60_000 });
  const { status, text } = await answer(`${url}/readyz`);
  assert.equal(status, 503);
  assert.match(text, /"staying","ok":false/);
  assert.equal((await answer(`${url}/livez`)).status, 200);
  goOn.resolve(undefined);
  await stopped;
  const job = await api.ended(jobId);
  assert.deepEqual([job.state, job.attempt], ['succeeded', 1]);
});
