import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { describeError } from '../../../src/base/errors.ts';
import type { S3Settings } from '../../../src/drivers/store/s3-settings.ts';
import { collect } from '../../support/collect.ts';
import { startCuttingRelay, type CuttingRelay } from '../../support/cutting-relay.ts';
import { radosgwAdmin, s3Cloud, ScratchBucket } from '../../support/s3-buckets.ts';

const mib = 1024 * 1024;

describe('faults of an S3 store over Ceph', () => {
  let bucket: ScratchBucket;

  before(async () => {
    bucket = await ScratchBucket.make();
  });
  after(() => bucket.remove());

  async function refusal(
    changes: Partial<S3Settings>,
  ): Promise<Error & { code: string; retryable: boolean }> {
    const error = await bucket.open(changes).then(
      (store) => {
        store.close();
        throw new Error('it was opened');
      },
      (reason: unknown) => reason as Error & { code: string; retryable: boolean },
    );
    // I10, also in what a logger would show of it.
    const shown = describeError(error) + inspect(error, { depth: 10, showHidden: true });
    for (const secret of [bucket.settings.secretAccessKey ?? '', 'wrong-secret', 'Signature='])
      assert.ok(!shown.includes(secret), shown);
    return error;
  }

  test('wrong keys are told from missing rights and missing buckets', async () => {
    const wrongSecret = await refusal({ secretAccessKey: 'wrong-secret' });
    assert.equal(wrongSecret.code, 'STORE_WRONG_KEYS');
    assert.match(wrongSecret.message, /SignatureDoesNotMatch.*store\.s3\.access_key_id/);
    assert.equal((await refusal({ accessKeyId: 'nobody' })).code, 'STORE_WRONG_KEYS');
    const noBucket = await refusal({ bucket: 'ek-test-no-such-bucket' });
    assert.equal(noBucket.code, 'STORE_NO_BUCKET');
    assert.match(noBucket.message, /ek-test-no-such-bucket at http:\/\/127/);
  });

  test("another user's bucket is STORE_NO_PERMISSION, which names the rights that are needed", async () => {
    const uid = `ek-test-${process.pid}`;
    await radosgwAdmin(
      'user',
      'create',
      `--uid=${uid}`,
      '--display-name=x',
      `--access-key=${uid}`,
      '--secret=x',
    );
    try {
      const error = await refusal({ accessKeyId: uid, secretAccessKey: 'x' });
      assert.equal(error.code, 'STORE_NO_PERMISSION');
      assert.match(error.message, /s3:PutObject/);
    } finally {
      await radosgwAdmin('user', 'rm', `--uid=${uid}`);
    }
  });

  test('a gateway that is not there is retried, then STORE_UNREACHABLE', async () => {
    for (const endpoint of ['http://127.0.0.1:1', 'http://no.such.invalid']) {
      const error = await refusal({ endpoint });
      assert.equal(error.code, 'STORE_UNREACHABLE');
      assert.equal(error.retryable, true);
    }
    const tls = await refusal({ endpoint: s3Cloud().endpoint.replace('http:', 'https:') });
    assert.equal(tls.code, 'STORE_TLS');
    assert.equal(tls.retryable, false);
  });

  test('a bucket that is full is STORE_FULL, at once and for streams too, and keeps nothing of the put', async () => {
    const full = await ScratchBucket.make();
    const store = await full.open();
    try {
      await full.setQuota(10 * mib);
      await store.put('one', randomBytes(8 * mib));
      await assert.rejects(store.put('two', randomBytes(8 * mib)), {
        code: 'STORE_FULL',
        retryable: false,
        message: /QuotaExceeded.*quota of bucket/,
      });
      // eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
      async function* stream(): AsyncGenerator<Buffer> {
        for (let index = 0; index < 5; index += 1) yield randomBytes(4 * mib);
      }
      await assert.rejects(store.put('three', stream()), { code: 'STORE_FULL' });
      assert.equal(await store.stat('two'), undefined);
      assert.equal(await store.stat('three'), undefined);
      assert.deepEqual(await full.uploads(), []);
      await store.remove('one');
    } finally {
      store.close();
      await full.remove();
    }
  });

  test('a bucket that goes away is not taken for missing objects (I8)', async () => {
    const gone = await ScratchBucket.make();
    const store = await gone.open();
    try {
      await gone.removeBucket();
      await assert.rejects(store.get('links/a', 10), { code: 'STORE_NO_BUCKET' });
      await assert.rejects(store.stat('links/a'), { code: 'STORE_NO_BUCKET' });
      await assert.rejects(collect(store.open('links/a')), { code: 'STORE_NO_BUCKET' });
      await assert.rejects(store.put('links/a', Buffer.from('x')), { code: 'STORE_NO_BUCKET' });
      await assert.rejects(store.copy('links/a', 'links/b'), { code: 'STORE_NO_BUCKET' });
      await assert.rejects(store.removeFolder('links'), { code: 'STORE_NO_BUCKET' });
    } finally {
      store.close();
      await gone.remove();
    }
  });
});

describe('connections to an S3 store that break', () => {
  let bucket: ScratchBucket;
  let relay: CuttingRelay;

  before(async () => {
    bucket = await ScratchBucket.make();
    const { hostname, port } = new URL(s3Cloud().endpoint);
    relay = await startCuttingRelay({ host: hostname, port: Number(port) });
  });
  after(async () => {
    await relay.close();
    await bucket.remove();
  });

  const through = (): Partial<S3Settings> => ({ endpoint: `http://127.0.0.1:${relay.port}` });

  test('in the middle of a put: it is sent again', async () => {
    const bytes = randomBytes(8 * mib);
    const cuts = relay.cutCount;
    const store = await openCut([
      { of: 'request', after: 3 * mib },
      { of: 'request', after: 100_000 },
    ]);
    await store.put('put', bytes);
    assert.ok((await store.get('put', bytes.length))?.equals(bytes));
    assert.equal(relay.cutCount - cuts, 2);
    store.close();
  });

  test('in the middle of a get and of a stream: the rest is asked for', async () => {
    const direct = await bucket.open();
    const bytes = randomBytes(8 * mib);
    await direct.put('read', bytes);
    for (const read of ['get', 'open'] as const) {
      const cuts = relay.cutCount;
      const store = await openCut([
        { of: 'answer', after: 3 * mib },
        { of: 'answer', after: 1 * mib },
      ]);
      const found = read === 'get' ? await store.get('read', 9 * mib) : await collect(store.open('read'));
      assert.ok(found?.equals(bytes));
      assert.equal(relay.cutCount - cuts, 2);
      store.close();
    }
    direct.close();
  });

  test('in the middle of a part of an upload: the part is sent again', async () => {
    const store = await openCut([{ of: 'request', after: 5 * mib }]);
    const piece = randomBytes(4 * mib);
    const cuts = relay.cutCount;
    let given = 0;
    // eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
    async function* stream(): AsyncGenerator<Buffer> {
      for (; given < 5; given += 1) yield piece;
    }
    assert.equal(await store.put('upload', stream()), 20 * mib);
    assert.equal(relay.cutCount - cuts, 1);
    const whole = await collect(store.open('upload'));
    assert.equal(whole.length, 20 * mib);
    assert.ok(whole.subarray(8 * mib, 12 * mib).equals(piece));
    assert.deepEqual(await bucket.uploads(), []);
    store.close();
  });

  test('as often as it has patience; then the put fails and nothing is visible', async () => {
    const cuts = relay.cutCount;
    const store = await openCut(
      Array.from({ length: 4 }, () => ({ of: 'request', after: 1 * mib }) as const),
    );
    await assert.rejects(store.put('never', randomBytes(8 * mib)), {
      code: 'STORE_UNREACHABLE',
      retryable: true,
    });
    // The first attempt may have met the connection that was ended before.
    assert.ok(relay.cutCount - cuts >= 3);
    assert.equal(await store.stat('never'), undefined);
    store.close();
  });

  /** The cuts meet what follows, not the opening. */
  async function openCut(cuts: CuttingRelay['cuts']): ReturnType<ScratchBucket['open']> {
    const store = await bucket.open(through());
    relay.endAll();
    relay.cuts.push(...cuts);
    return store;
  }
});
