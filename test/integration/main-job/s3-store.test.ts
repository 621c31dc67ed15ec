/** The main job with its store in a bucket of the cloud's own gateway. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { changeImage, imageSha256, listSnapshots } from '../../support/rbd-image.ts';
import { ScratchBucket } from '../../support/s3-buckets.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { makeStateDir, startTestService, type TestService } from '../../support/service.ts';

const mib = 1024 * 1024;

let scratch: ScratchCloud;
let bucket: ScratchBucket;
let service: TestService;
let stateDir: string;

before(async () => {
  scratch = await ScratchCloud.open('s3');
  bucket = await ScratchBucket.make();
  stateDir = await makeStateDir();
  service = await startTestService({ stateDir, env: { EMBERKEEP_CONFIG: await configFile() } });
});
after(async () => {
  await service.stop();
  await scratch.close();
  await bucket.remove();
  await rm(stateDir, { recursive: true });
});

/** As an operator writes it: the secret in a file of its own. */
async function configFile(): Promise<string> {
  const { name, settings } = bucket;
  const [config, secret] = [join(stateDir, 'emberkeep.yaml'), join(stateDir, 's3.secret')];
  await writeFile(secret, `${settings.secretAccessKey ?? ''}\n`, { mode: 0o600 });
  const s3 = {
    bucket: name,
    prefix: 'cloud/one',
    endpoint: settings.endpoint,
    access_key_id: settings.accessKeyId,
    secret_access_key_file: secret,
  };
  const limits = {
    disks: 3,
    disks_per_pool: 1,
    disks_per_store: 2,
    bandwidth_mib: 500,
    rbd_concurrent_management_ops: 4,
  };
  await writeFile(config, JSON.stringify({ store: { s3 }, limits, segment_mib: 1 }));
  return config;
}

async function takePoint(spec: string, kind: string): Promise<{ pointId: string; sha256: string }> {
  const { result } = await service.backup({ image: spec });
  assert.equal(result.disks[0]?.kind, kind, result.disks[0]?.full_reason ?? '');
  const [snapshot] = await listSnapshots(spec);
  return { pointId: result.point_id, sha256: await imageSha256(`${spec}@${snapshot?.name ?? ''}`) };
}

test('a full and increments in a bucket come back as they were, each of them', async () => {
  const spec = await scratch.image('volumes', 64 * mib);
  const points = [];
  for (const [index, kind] of ['full', 'increment', 'increment'].entries()) {
    await changeImage(spec, [
      { kind: 'write', offset: index * 5 * mib + 777, length: 9 * mib, seed: index + 1 },
      { kind: 'discard', offset: index * 2 * mib, length: 4 * mib },
    ]);
    points.push(await takePoint(spec, kind));
  }
  for (const { pointId, sha256 } of points) {
    const { result } = await service.restore({ point: { id: pointId }, mode: 'image' });
    const image = result.disks[0]?.image ?? '';
    scratch.adoptImage(image);
    assert.equal(await imageSha256(image), sha256);
  }
});

test('the bucket holds the store below its prefix and no unfinished upload; the catalog names it', async () => {
  const whole = await bucket.open();
  const keys: string[] = [];
  for await (const { key } of whole.list('')) keys.push(key);
  whole.close();
  assert.ok(keys.includes('cloud/one/emberkeep-store.json'));
  assert.ok(keys.every((key) => key.startsWith('cloud/one/')));
  assert.equal(keys.filter((key) => /links[/][^/]+[/]manifest[.]json$/.test(key)).length, 3);
  assert.deepEqual(await bucket.uploads(), []);
  const [store] = await service.drivers.catalog.stores.list();
  assert.equal(store?.url, `s3://${bucket.name}/cloud/one`);
});

test('a bucket that is full fails the backup with STORE_FULL and keeps nothing of it; then it goes on', async () => {
  const spec = await scratch.image('volumes', 64 * mib);
  await changeImage(spec, [{ kind: 'write', offset: 0, length: 48 * mib, seed: 9 }]);
  const before = await links();
  await bucket.setQuota(60 * mib);
  const { jobs } = await service.call<{ jobs: [{ id: string }] }>('POST', '/v1/backups', {
    target: { image: spec },
  });
  const job = await service.ended(jobs[0].id);
  assert.equal(job.state, 'failed');
  assert.equal(job.error?.type, 'STORE_FULL');
  assert.deepEqual(await links(), before);
  assert.deepEqual(await listSnapshots(spec), []);
  await bucket.setQuota(1024 * mib);
  await takePoint(spec, 'full');
});

async function links(): Promise<string[]> {
  const found: string[] = [];
  for await (const { linkId } of (await service.drivers.stores.open()).listLinks()) found.push(linkId);
  return found;
}
