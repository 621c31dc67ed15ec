/**
 * Every example of the chart, rendered and run: the pods start from what Helm made of it, on the development cloud, and do the
 * main job. Other than in the file are only names of users, pools, bucket and database, and addresses. Needs helm on the PATH.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { isFinishedJob } from '../../../src/domain/job.ts';
import type { OpenStack } from '../../../src/drivers/openstack/openstack.ts';
import type { WireJob, WireRestore } from '../../../src/entry/cli/wire.ts';
import { makeRegion, removeUserLater } from '../../support/catalog-region.ts';
import { freePort } from '../../support/chart/addresses.ts';
import { operatorHosts, prepareOperator, type Operator } from '../../support/chart/operator.ts';
import { exampleFiles, namespace, releaseName, renderChart } from '../../support/chart/render-chart.ts';
import { PodHost, type RunningContainer } from '../../support/chart/run-pod.ts';
import { Cleanup, devcloud, openCloud } from '../../support/devcloud.ts';
import { changeImage, headSha256, removeImage } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { succeeded } from '../../support/service.ts';

const mib = 1024 * 1024;
const fullName = `${releaseName}-emberkeep`;
const cleanup = new Cleanup();
let admin: OpenStack;
let directory: string;
let operator: Operator;
let volumeId: string;
let sha256: string;

before(async () => {
  const scratch = await ScratchCloud.open('chart');
  cleanup.add(() => scratch.close());
  admin = openCloud('devcloud-admin');
  cleanup.add(() => {
    admin.close();
    return Promise.resolve();
  });
  directory = await mkdtemp('/tmp/ek-pods-');
  cleanup.add(() => rm(directory, { recursive: true }));
  operator = await prepareOperator(scratch.name('user'), directory, cleanup);
  volumeId = await scratch.volume();
  await changeImage(`volumes/volume-${volumeId}`, [{ kind: 'write', offset: 0, length: mib, seed: 1 }]);
  sha256 = await headSha256(`volumes/volume-${volumeId}`);
});
after(() => cleanup.run());

/** Values that only some of the examples have. */
function ownSets(example: string): string[] {
  const password = `endpoints.identity.auth.emberkeep.password=${operator.password}`;
  const sets: Record<string, string[]> = {
    'minimal-values.yaml': [password],
    'openstack-helm-neighbour-values.yaml': [
      password,
      'conf.emberkeep.volumes_pool.pool=volumes',
      'conf.emberkeep.cinder_backends.rbd1.pool=volumes',
      'endpoints.oslo_db.auth.emberkeep.password=SECRET',
      'endpoints.oslo_db.hosts.default=db.example.org',
    ],
    'production-ha-values.yaml': [
      `ceph_client.clusters.backup.rbd_user=${operator.userName}`,
      `conf.emberkeep.stores.offsite.s3.bucket=${operator.offsiteBucket}`,
      `conf.emberkeep.stores.offsite.s3.endpoint=${operator.gateway}`,
    ],
    'external-s3-values.yaml': [
      `store.s3.bucket=${operator.bucket}`,
      `store.s3.endpoint=${operator.gateway}`,
    ],
  };
  return sets[example] ?? [];
}

interface Release {
  pods: PodHost;
  workers: PodHost;
  apiPort: number;
  workerMetricsPort: number;
}

/** Rendered twice: both kinds of pods have this machine's one network, so the port of their metrics must differ. */
async function install(file: string): Promise<Release> {
  const example = basename(file);
  const database = example.replaceAll(/\W/g, '_');
  const given = await operator.prepare(database);
  const port = 'endpoints.instance_backup.port.api';
  const [apiPort, metricsPort, workerMetricsPort] = [await freePort(), await freePort(), await freePort()];
  const sets = [
    `endpoints.identity.port.api.internal=${operator.keystonePort}`,
    `endpoints.identity.auth.emberkeep.username=${operator.userName}`,
    `endpoints.identity.auth.emberkeep.project_name=${operator.userName}`,
    `endpoints.oslo_db.port.postgresql.default=${operator.databasePort}`,
    `endpoints.oslo_db.path=/${database}`,
    `ceph_client.clusters.ceph.rbd_user=${operator.userName}`,
    `${port}.default=${apiPort}`,
    ...ownSets(example),
  ];
  const hosts = [...operatorHosts, `${fullName}-api.${namespace}.svc.cluster.local`];
  const hostOf = async (metrics: number): Promise<PodHost> => {
    const objects = await renderChart(file, [
      ...sets,
      `endpoints.instance_backup.port.metrics.default=${metrics}`,
    ]);
    return new PodHost(join(directory, database), { objects, given, hosts });
  };
  return {
    pods: await hostOf(metricsPort),
    workers: await hostOf(workerMetricsPort),
    apiPort,
    workerMetricsPort,
  };
}

async function ready(url: string, { child, said }: RunningContainer): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 200) {
    const isReady = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    if (child.exitCode !== null || waitedMs > 60_000) throw new Error(`${url} is not ready: ${said()}`);
    await sleep(200);
  }
}

/** As a person would who ran `helm test` on a busy machine: the service gives its parts three seconds to answer. */
async function tested(pods: PodHost): Promise<string> {
  for (let round = 1; ; round++) {
    try {
      return await pods.complete(`Pod/${fullName}-test`);
    } catch (error) {
      if (round === 5) throw error;
    }
  }
}

async function call<T>(port: number, method: string, path: string, body?: unknown): Promise<T> {
  const { value: token } = await admin.keystone.token();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { 'x-auth-token': token, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

async function ended(port: number, jobId: string): Promise<WireJob> {
  for (let waitedMs = 0; waitedMs < 120_000; waitedMs += 200) {
    const { job } = await call<{ job: WireJob }>(port, 'GET', `/v1/jobs/${jobId}`);
    if (isFinishedJob(job.state)) return succeeded(job);
    await sleep(200);
  }
  throw new Error(`job ${jobId} did not end`);
}

async function backUpAndRestore(port: number): Promise<void> {
  const { jobs } = await call<{ jobs: [WireJob] }>(port, 'POST', '/v1/backups', {
    target: { volume: volumeId },
  });
  const { result } = await ended(port, jobs[0].id);
  const request = { point: { id: result?.['point_id'] }, mode: 'image' };
  const { restore } = await call<{ restore: WireRestore }>(port, 'POST', '/v1/restores', request);
  const restored = await ended(port, restore.job_id);
  const [disk] = restored.result?.['disks'] as [{ image: string }];
  assert.equal(await headSha256(disk.image), sha256);
  await removeImage(disk.image);
}

for (const file of exampleFiles()) {
  test(`${basename(file)}: migrates, starts, is tested, backs up, restores and ends`, async () => {
    const { pods, workers, apiPort, workerMetricsPort } = await install(file);
    const running: RunningContainer[] = [];
    try {
      assert.match(
        await pods.complete(`Job/${fullName}-db-sync`),
        /the database was brought from nothing to/,
      );
      const api = await pods.start(`Deployment/${fullName}-api`);
      running.push(api);
      const worker = await workers.start(`Deployment/${fullName}-worker`);
      running.push(worker);
      await ready(`http://127.0.0.1:${apiPort}/readyz`, api);
      await ready(`http://127.0.0.1:${workerMetricsPort}/readyz`, worker);
      assert.match(await tested(pods), /The configuration is valid[\s\S]*200 \{/);
      await backUpAndRestore(apiPort);
      for (const { child } of running) child.kill('SIGTERM');
      for (const { ended: end, said } of running) assert.equal(await end, 0, said());
    } finally {
      for (const { child, ended: end } of running) {
        child.kill('SIGKILL');
        await end;
      }
    }
  });
}

test('the job keystone-bootstrap makes all that the service needs in Keystone, and run again it keeps that', async () => {
  const user = `${operator.userName}-job`;
  const region = user;
  await makeRegion(admin, region, cleanup);
  removeUserLater(admin, user, cleanup);
  const objects = await renderChart('charts/emberkeep/ci/minimal-values.yaml', [
    `endpoints.identity.port.api.internal=${operator.keystonePort}`,
    `endpoints.identity.auth.admin.password=${devcloud().password}`,
    `endpoints.identity.auth.emberkeep.username=${user}`,
    `endpoints.identity.auth.emberkeep.project_name=${user}`,
    `endpoints.identity.auth.emberkeep.password=${operator.password}`,
    `endpoints.identity.auth.emberkeep.region_name=${region}`,
    'endpoints.instance_backup.host_fqdn_override.public=backup.example.org',
  ]);
  const pods = new PodHost(join(directory, 'bootstrap'), { objects, given: {}, hosts: operatorHosts });
  const job = `Job/${fullName}-keystone-bootstrap`;
  const said = await pods.complete(job);
  for (const made of [
    `project ${user}`,
    `user ${user}`,
    `role admin of user ${user} on project ${user}`,
    `role admin of user ${user} in every project of domain Default`,
    `public endpoint https://backup.example.org in ${region}`,
    `internal endpoint http://${fullName}-api.${namespace}.svc.cluster.local:9879 in ${region}`,
  ])
    assert.ok(
      said.split('\n').some((line) => line.startsWith(`| ${made} `) && line.includes('| created ')),
      `${made}: ${said}`,
    );
  assert.match(await pods.complete(job), /Everything was there; nothing was changed/);
  const service = admin.asUser(
    { kind: 'password', userName: user, userDomain: { id: 'default' }, password: operator.password },
    { kind: 'project', name: 'tenant', domain: { id: 'default' } },
  );
  const { info } = await service.keystone.token();
  assert.ok(info.roles.includes('admin'));
});
