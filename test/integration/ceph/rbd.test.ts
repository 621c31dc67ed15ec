/** The Ceph driver on the real cluster: every verb that the workflows use, and what its failures look like. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { createRbd, type Rbd } from '../../../src/drivers/ceph/rbd.ts';
import { collect } from '../../support/collect.ts';
import { devcloud } from '../../support/devcloud.ts';

const mib = 1024 * 1024;
const prefix = `rbdtest-${process.pid}`;
const at = { cluster: 'ceph', pool: 'volumes', image: `${prefix}-a` };
const copy = { cluster: 'ceph', pool: 'backups', image: `${prefix}-b` };
const moved = { ...copy, pool: 'volumes', image: `${prefix}-c` };
const mark = { key: 'emberkeep_restore', value: 'test' };
let rbd: Rbd;

function open(change: Partial<Parameters<typeof createRbd>[0][number]> = {}): Rbd {
  const { cephConf, keyring } = devcloud();
  return createRbd([{ name: 'ceph', confPath: cephConf, user: 'admin', keyringPath: keyring, ...change }]);
}

async function discard(image: typeof at): Promise<void> {
  if ((await rbd.findImage(image)) === undefined) return;
  for (const { name } of await rbd.listSnapshots(image)) await rbd.removeSnapshot(image, name);
  await rbd.removeImage(image);
}

/** An rbd diff of one write, as a stream. */
function oneWrite(to: string, sizeBytes: number, data: Buffer): AsyncIterable<Buffer> {
  const u64 = (value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    return bytes;
  };
  const length = Buffer.alloc(4);
  length.writeUInt32LE(to.length);
  const header = [Buffer.from('rbd diff v1\nt'), length, Buffer.from(to), Buffer.from('s'), u64(sizeBytes)];
  const write = [Buffer.from('w'), u64(0), u64(data.length), data];
  return Readable.from([Buffer.concat(header), Buffer.concat(write), Buffer.from('e')]);
}

before(async () => {
  rbd = open();
  await Promise.all([at, copy, moved].map(discard));
  await rbd.createImage(at, { sizeBytes: 8 * mib, objectSizeBytes: 4 * mib, mark });
});
after(async () => {
  for (const image of [at, copy, moved]) await discard(image);
});

test('pools, images and their facts', async () => {
  assert.match(await rbd.clusterId('ceph'), /^[0-9a-f-]{36}$/);
  assert.ok((await rbd.listPools('ceph')).some(({ pool }) => pool === 'volumes'));
  assert.ok((await rbd.listImages('ceph', 'volumes')).includes(at.image));
  const info = await rbd.showImage(at);
  assert.equal(info.sizeBytes, 8 * mib);
  assert.equal(info.objectSizeBytes, 4 * mib);
  assert.ok(info.features.includes('layering'));
  assert.equal(await rbd.readImageMark(at, mark.key), mark.value);
  assert.equal(await rbd.readImageMark(at, 'no-such-key'), undefined);
  await rbd.removeImageMark(at, mark.key);
  assert.equal(await rbd.readImageMark(at, mark.key), undefined, 'also when it is the only one');
  assert.deepEqual(await rbd.listWatchers(at), []);
});

test('a diff goes in, comes out and makes its snapshot; an increment of nothing is small', async () => {
  const data = randomBytes(mib);
  await rbd.importDiff(at, oneWrite('one', 8 * mib, data));
  assert.deepEqual(
    (await rbd.listSnapshots(at)).map(({ name }) => name),
    ['one'],
  );
  const full = await rbd.exportDiff(at, { snapshot: 'one', fromSnapshot: undefined });
  const stream = await collect(full.chunks);
  await full.exited;
  assert.ok(stream.includes(data));
  await rbd.createSnapshot(at, 'two');
  const increment = await rbd.exportDiff(at, { snapshot: 'two', fromSnapshot: 'one' });
  assert.ok((await collect(increment.chunks)).length < 100);
  await increment.exited;
});

test('I2: an export that fails rejects, though its stream just ends', async () => {
  const { chunks, exited } = await rbd.exportDiff(at, { snapshot: 'no-such', fromSnapshot: undefined });
  await collect(chunks);
  await assert.rejects(exited, { code: 'CEPH_NOT_FOUND' });
});

test('an import whose stream breaks throws the stream’s own error and makes no snapshot', async () => {
  await rbd.createImage(copy, { sizeBytes: mib, objectSizeBytes: 4 * mib, mark });
  async function* broken(): AsyncGenerator<Buffer> {
    for await (const chunk of oneWrite('never', 8 * mib, randomBytes(mib))) {
      if (chunk.length === 1) throw new Error('the store went away');
      yield chunk;
    }
  }
  await assert.rejects(rbd.importDiff(copy, broken()), /the store went away/);
  assert.deepEqual(await rbd.listSnapshots(copy), []);
});

test('a cancelled export ends its program', async () => {
  const controller = new AbortController();
  const { exited } = await rbd.exportDiff(at, {
    snapshot: 'one',
    fromSnapshot: undefined,
    signal: controller.signal,
  });
  controller.abort();
  await assert.rejects(exited, { code: 'CANCELLED_COMMAND' });
});

test('an image moves to another pool and keeps its data', async () => {
  await rbd.importDiff(copy, oneWrite('moved', 8 * mib, Buffer.alloc(mib, 7)));
  await rbd.removeSnapshot(copy, 'moved');
  await rbd.prepareMigration(copy, moved);
  assert.equal(await rbd.migrationState(moved), 'prepared');
  await rbd.executeMigration(moved);
  assert.equal(await rbd.migrationState(moved), 'executed');
  await rbd.commitMigration(moved);
  assert.equal(await rbd.migrationState(moved), 'none');
  assert.equal(await rbd.findImage(copy), undefined);
  assert.equal((await rbd.showImage(moved)).sizeBytes, 8 * mib);
});

test('what is not there, is wrong or is forbidden is told in one line that says what to do', async () => {
  assert.equal(await rbd.findImage({ ...at, image: `${prefix}-none` }), undefined);
  await assert.rejects(rbd.findImage({ ...at, pool: 'no-such-pool' }), {
    code: 'CEPH_NO_POOL',
    message: /check the pools in the configuration/,
  });
  await assert.rejects(rbd.showImage({ ...at, cluster: 'west' }), {
    code: 'INPUT_UNKNOWN_CLUSTER',
    message: /there are: ceph/,
  });
  await assert.rejects(rbd.createImage(at, { sizeBytes: mib, objectSizeBytes: 4 * mib, mark }), {
    code: 'CEPH_EXISTS',
  });
  await assert.rejects(rbd.removeImage(at), { code: 'CEPH_NOT_EMPTY' });
  await assert.rejects(open({ keyringPath: '/no/such/keyring' }).listImages('ceph', 'volumes'), {
    code: 'CEPH_NO_KEYRING',
  });
  await assert.rejects(open({ confPath: '/no/such.conf' }).listImages('ceph', 'volumes'), {
    code: 'CEPH_NO_CONFIG',
  });
});

test('removing what is gone already is fine', async () => {
  await rbd.removeSnapshot(at, 'no-such');
  await rbd.removeImage({ ...at, image: `${prefix}-none` });
});

test('a pool is listed although images of it come and go', async () => {
  const passing = { ...copy, image: `${prefix}-passing` };
  const listings = new AbortController();
  const churn = async (): Promise<void> => {
    while (!listings.signal.aborted) {
      await rbd.createImage(passing, { sizeBytes: mib, objectSizeBytes: mib, mark });
      await rbd.removeImage(passing);
    }
  };
  const churning = churn();
  try {
    for (let round = 0; round < 8; round++) await rbd.listImagesLong('ceph', copy.pool);
  } finally {
    listings.abort();
    await churning;
  }
  await assert.rejects(rbd.listImagesLong('ceph', `${prefix}-no-pool`), { code: 'CEPH_NO_POOL' });
});
