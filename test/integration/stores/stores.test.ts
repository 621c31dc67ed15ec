/** One instance in two stores by two policies, a directory and a bucket of the cloud's own gateway. */
import assert from 'node:assert/strict';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { WireJob, WirePoint } from '../../../src/entry/cli/wire.ts';
import { changeImage, imageSha256, listSnapshots } from '../../support/rbd-image.ts';
import { ScratchBucket } from '../../support/s3-buckets.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { openTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import {
  ApiFailure,
  makeStateDir,
  startTestService,
  succeeded,
  type BackupJob,
  type TestService,
} from '../../support/service.ts';

const mib = 1024 * 1024;

let scratch: ScratchCloud;
let bucket: ScratchBucket;
let service: TestService;
let database: TestDatabase;
let stateDir: string;
let configPath: string;
let nearPath: string;

before(async () => {
  scratch = await ScratchCloud.open('stores');
  bucket = await ScratchBucket.make();
  stateDir = await makeStateDir();
  nearPath = join(stateDir, 'near');
  await mkdir(nearPath);
  configPath = await configFile();
  database = await openTestDatabase();
  service = await start();
});
after(async () => {
  await service.stop();
  await database.close();
  await scratch.close();
  await bucket.remove();
  await rm(stateDir, { recursive: true });
});

async function start(): Promise<TestService> {
  const env = { EMBERKEEP_CONFIG: configPath, EMBERKEEP_DATABASE_URL: database.url };
  return await startTestService({ env, monitored: true });
}

async function configFile(): Promise<string> {
  const { name, settings } = bucket;
  const [config, id, secret] = ['emberkeep.yaml', 's3.id', 's3.secret'].map((file) => join(stateDir, file));
  await writeFile(id ?? '', `${settings.accessKeyId ?? ''}\n`);
  await writeFile(secret ?? '', `${settings.secretAccessKey ?? ''}\n`, { mode: 0o600 });
  const s3 = {
    bucket: name,
    endpoint: settings.endpoint,
    access_key_id_file: id,
    secret_access_key_file: secret,
  };
  const stores = { near: { default: true, directory: nearPath }, offsite: { s3, disks: 1 } };
  await writeFile(config ?? '', JSON.stringify({ stores, segment_mib: 1, scheduler: { tick_seconds: 1 } }));
  return config ?? '';
}

interface Taken {
  pointId: string;
  store: string;
  kind: string;
  why: string | null;
  sha256: string;
}

/** The newest snapshot is the one that it was taken of. */
async function taken({ result }: BackupJob, store: string, spec: string): Promise<Taken> {
  const [disk] = result.disks;
  const newest = (await listSnapshots(spec)).toSorted((one, other) => other.id - one.id)[0];
  const sha256 = await imageSha256(`${spec}@${newest?.name ?? ''}`);
  return { pointId: result.point_id, store, kind: disk?.kind ?? '', why: disk?.full_reason ?? null, sha256 };
}

async function restoredSha256(pointId: string): Promise<string> {
  const { result } = await service.restore({ point: { id: pointId }, mode: 'image' });
  const image = result.disks[0]?.image ?? '';
  scratch.adoptImage(image);
  return await imageSha256(image);
}

async function pointsIn(source: string, store: string): Promise<WirePoint[]> {
  const path = `/v1/points?source=${encodeURIComponent(source)}&store=${store}`;
  return (await service.call<{ points: WirePoint[] }>('GET', path)).points;
}

async function offsiteLinks(): Promise<string[]> {
  const store = await service.drivers.stores.open('offsite');
  return await Array.fromAsync(store.listLinkFolders());
}

test('chains in two stores go on beside each other, and the source has a snapshot for each', async () => {
  const spec = await scratch.image('volumes', 32 * mib);
  const source = `ceph/${spec}`;
  const points: Taken[] = [];
  for (const [index, store] of ['near', 'offsite', 'near', 'offsite', 'near'].entries()) {
    await changeImage(spec, [
      { kind: 'write', offset: index * 5 * mib + 777, length: 3 * mib, seed: index + 1 },
    ]);
    const job = await service.backup({ image: spec }, store === 'near' ? {} : { store });
    assert.equal(job.target['store'] ?? 'near', store);
    points.push(await taken(job, store, spec));
    assert.equal(
      (await listSnapshots(spec)).length,
      Math.min(2, index + 1),
      `after the backup into ${store}`,
    );
  }
  assert.deepEqual(
    points.map(({ kind }) => kind),
    ['full', 'full', 'increment', 'increment', 'increment'],
  );
  assert.match(points[1]?.why ?? '', /points are in store near/);
  assert.deepEqual(
    [(await pointsIn(source, 'near')).length, (await pointsIn(source, 'offsite')).length],
    [3, 2],
  );
  const shown = await service.call<{ point: { store: string; links: { store: string }[] } }>(
    'GET',
    `/v1/points/${points[3]?.pointId ?? ''}`,
  );
  assert.deepEqual(
    [shown.point.store, ...shown.point.links.map(({ store }) => store)],
    ['offsite', 'offsite'],
  );
  for (const { pointId, sha256 } of points) assert.equal(await restoredSha256(pointId), sha256);

  // Nothing of it is taken for a stray.
  const { job } = await service.call<{ job: WireJob }>('POST', '/v1/reconciliations', { dry_run: true });
  const { result } = succeeded(await service.ended(job.id));
  const mine = JSON.stringify([result?.['findings'], result?.['drift']]);
  assert.ok(!mine.includes(spec), mine);
  assert.deepEqual(result?.['problems'], []);
});

test('a deletion of all points in one store leaves the other as it was', async () => {
  const spec = await scratch.image('volumes', 32 * mib);
  const source = `ceph/${spec}`;
  await changeImage(spec, [{ kind: 'write', offset: 0, length: 8 * mib, seed: 1 }]);
  const near = await taken(await service.backup({ image: spec }), 'near', spec);
  const before = await offsiteLinks();
  await service.backup({ image: spec }, { store: 'offsite' });
  await changeImage(spec, [{ kind: 'write', offset: 16 * mib, length: 4 * mib, seed: 2 }]);
  await service.backup({ image: spec }, { store: 'offsite' });
  const going = (await pointsIn(source, 'offsite')).map(({ id }) => id);
  const { expirations } = await service.call<{ expirations: { store: string; job: WireJob }[] }>(
    'POST',
    '/v1/expirations',
    { points: going, allow_newest: true },
  );
  assert.deepEqual(
    expirations.map(({ store }) => store),
    ['offsite'],
  );
  for (const { job } of expirations) succeeded(await service.ended(job.id));
  assert.deepEqual(await pointsIn(source, 'offsite'), []);
  assert.deepEqual(await offsiteLinks(), before, 'nothing of it is left in the bucket');
  assert.equal((await listSnapshots(spec)).length, 1, 'the snapshot of the near chain');
  assert.equal(await restoredSha256(near.pointId), near.sha256);
  const next = await taken(await service.backup({ image: spec }), 'near', spec);
  assert.equal(next.kind, 'increment');
  assert.equal(await restoredSha256(next.pointId), next.sha256);
});

test('rules of an expiry count each store by itself, and one store can be named', async () => {
  const spec = await scratch.image('volumes', 8 * mib);
  const source = `ceph/${spec}`;
  for (const store of ['near', 'offsite', 'near', 'offsite'])
    await service.backup({ image: spec }, { store });
  const ask = async (more: object) =>
    (
      await service.call<{ expirations: { store: string; points: { goes: boolean }[] }[] }>(
        'POST',
        '/v1/expirations',
        {
          source,
          keep: { last: 1 },
          dry_run: true,
          ...more,
        },
      )
    ).expirations.map(({ store, points }) => [store, ...points.map(({ goes }) => goes)]);
  assert.deepEqual((await ask({})).toSorted(), [
    ['near', false, true],
    ['offsite', false, true],
  ]);
  assert.deepEqual(await ask({ store: 'offsite' }), [['offsite', false, true]]);
});

test('two policies protect one instance, each in its store, and a name that no store has is refused', async () => {
  const volume = await scratch.volume({ bootable: true });
  const id = await scratch.instance({ disks: [{ volumeId: volume }] });
  const make = async (name: string, more: object): Promise<void> => {
    await service.call('POST', '/v1/policies', {
      name,
      schedule: { every: '1m' },
      cycle: { forever: true },
      ...more,
    });
    await service.call('POST', `/v1/policies/${name}/assignments`, { instance: id });
  };
  const suffix = String(process.pid);
  await make(`near-${suffix}`, { retention: { keep: { last: 1 } } });
  await make(`far-${suffix}`, { store: 'offsite' });
  const has = async (store: string): Promise<WirePoint[]> => await pointsIn(id, store);
  const since = Date.now();
  while ((await has('near')).length === 0 || (await has('offsite')).length === 0) {
    assert.ok(Date.now() - since < 150_000, 'both are backed up');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const { sources } = await service.call<{ sources: { source_id: string }[] }>(
    'GET',
    `/v1/policies/far-${suffix}/sources`,
  );
  assert.deepEqual(
    sources.map(({ source_id: source }) => source),
    [id],
  );
  for (const name of [`near-${suffix}`, `far-${suffix}`])
    await service.call('DELETE', `/v1/policies/${name}?force=true`);
  const unknown = (error: unknown): boolean =>
    error instanceof ApiFailure &&
    error.status === 400 &&
    JSON.stringify(error.body).includes('it has near, offsite');
  await assert.rejects(
    service.call('POST', '/v1/backups', { target: { instance: id }, store: 'tape' }),
    unknown,
  );
  await assert.rejects(
    service.call('POST', '/v1/policies', { name: 'tape', schedule: { every: '1d' }, store: 'tape' }),
    unknown,
  );
});

interface WireStore {
  name: string;
  default: boolean;
  state: string;
  links: number;
  free_bytes: number | null;
}

async function stores(): Promise<Map<string, WireStore>> {
  const found = (await service.call<{ stores: WireStore[] }>('GET', '/v1/stores')).stores;
  return new Map(found.map((store) => [store.name, store]));
}

test('with one store away, the other one goes on, and the service says which', async () => {
  const spec = await scratch.image('volumes', 8 * mib);
  const inNear = await taken(await service.backup({ image: spec }), 'near', spec);
  const inFar = await taken(await service.backup({ image: spec }, { store: 'offsite' }), 'offsite', spec);
  const all = await stores();
  assert.deepEqual(
    [all.get('near')?.default, all.get('near')?.state, all.get('offsite')?.state],
    [true, 'available', 'available'],
  );
  assert.ok((all.get('near')?.links ?? 0) > 0 && (all.get('near')?.free_bytes ?? 0) > 0);

  await service.stop();
  await rename(nearPath, `${nearPath}.unmounted`);
  service = await start();
  assert.equal((await stores()).get('near')?.state, 'away');
  const ready = await fetch(`${service.service.monitoringUrl ?? ''}/readyz`);
  assert.equal(ready.status, 200, 'requests can be sent here');
  const { checks } = (await ready.json()) as { checks: { name: string; ok: boolean }[] };
  assert.deepEqual(
    checks.filter(({ name }) => name.startsWith('store')),
    [
      { name: 'store:near', ok: false },
      { name: 'store:offsite', ok: true },
    ],
  );
  assert.equal(await restoredSha256(inFar.pointId), inFar.sha256);
  const next = await service.backup({ image: spec }, { store: 'offsite' });
  assert.equal(next.result.disks[0]?.kind, 'increment');
  assert.equal((await listSnapshots(spec)).length, 2, 'the chain of the store that is away goes on later');
  const failing = await service.call<{ jobs: [WireJob] }>('POST', '/v1/backups', { target: { image: spec } });
  const failed = await service.ended(failing.jobs[0].id);
  assert.deepEqual([failed.state, failed.error?.type], ['failed', 'STORE_UNREACHABLE']);
  assert.equal((await listSnapshots(spec)).length, 2);

  await rename(`${nearPath}.unmounted`, nearPath);
  const back = await service.backup({ image: spec });
  assert.equal(back.result.disks[0]?.kind, 'increment', 'without a restart');
  assert.equal(await restoredSha256(inNear.pointId), inNear.sha256);
  assert.ok((await readdir(join(nearPath, 'points'))).includes(`${back.result.point_id}.json`));
});
