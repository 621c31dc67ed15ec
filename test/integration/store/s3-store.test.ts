import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import type { S3Store } from '../../../src/drivers/store/s3-store.ts';
import { storeContract } from '../../contract/store-contract.ts';
import { collect } from '../../support/collect.ts';
import { ScratchBucket, withBucket } from '../../support/s3-buckets.ts';

const mib = 1024 * 1024;

storeContract('the S3 store over Ceph', async () => {
  const bucket = await ScratchBucket.make('deep/folder');
  const store = await bucket.open();
  const opened = [store];
  return {
    store,
    reopen: async () => {
      const another = await bucket.open();
      opened.push(another);
      return another;
    },
    close: async () => {
      for (const each of opened) each.close();
      await bucket.remove();
    },
  };
});

async function withStore(
  body: (store: S3Store, bucket: ScratchBucket) => Promise<void>,
  prefix = '',
): Promise<void> {
  await withBucket(async (bucket) => {
    const store = await bucket.open();
    try {
      await body(store, bucket);
    } finally {
      store.close();
    }
  }, prefix);
}

async function keys(store: S3Store): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list('')) found.push(key);
  return found;
}

async function* pieces(count: number, piece: Buffer, end?: () => void): AsyncGenerator<Buffer> {
  for (let index = 0; index < count; index += 1) {
    await Promise.resolve();
    yield piece;
  }
  end?.();
}

describe('the S3 store over Ceph', () => {
  test('stores of one bucket with different prefixes do not see each other', async () => {
    await withStore(async (store, bucket) => {
      const [a, b] = [await bucket.open({ prefix: 'a' }), await bucket.open({ prefix: 'a/b' })];
      await a.put('links/x', Buffer.from('of a'));
      await b.put('links/x', Buffer.from('of b'));
      assert.equal((await a.get('links/x', 10))?.toString(), 'of a');
      assert.deepEqual(await keys(b), ['links/x']);
      await a.removeFolder('links');
      assert.deepEqual(await keys(store), ['a/b/links/x']);
      a.close();
      b.close();
    });
  });

  test('a large stream is uploaded in parts; one that breaks or is cancelled leaves no part behind', async () => {
    await withStore(async (store, bucket) => {
      const piece = randomBytes(3 * mib);
      assert.equal(await store.put('links/large', pieces(7, piece)), 21 * mib);
      assert.ok((await collect(store.open('links/large'))).subarray(18 * mib).equals(piece));

      const failure = new Error('the source broke');
      const broken = pieces(7, piece, () => {
        throw failure;
      });
      await assert.rejects(store.put('links/broken', broken), failure);

      const controller = new AbortController();
      const cancelled = pieces(7, piece, () => controller.abort());
      await assert.rejects(store.put('links/cancelled', cancelled, { signal: controller.signal }), {
        code: 'CANCELLED_BY_CALLER',
      });
      assert.deepEqual(await keys(store), ['links/large']);
      assert.deepEqual(await bucket.uploads(), []);
    });
  });

  test('what killed writers left of uploads goes with the object or the folder, and nothing beside it', async () => {
    await withStore(async (store, bucket) => {
      for (const key of ['s/f/1', 's/f/10', 's/f/2/3', 's/f2/1', 'f/1']) await bucket.leaveUpload(key);
      assert.deepEqual(await keys(store), []);
      await store.remove('f/1');
      assert.deepEqual(await bucket.uploads(), ['f/1', 's/f/10', 's/f/2/3', 's/f2/1']);
      await store.removeFolder('f');
      assert.deepEqual(await bucket.uploads(), ['f/1', 's/f2/1']);
    }, 's');
  });

  test('more objects than a page holds are listed and removed', async () => {
    await withStore(async (store) => {
      const names = Array.from({ length: 1020 }, (_, index) => `f/${String(index).padStart(5, '0')}`);
      for (let at = 0; at < names.length; at += 60)
        await Promise.all(names.slice(at, at + 60).map((name) => store.put(name, Buffer.alloc(0))));
      assert.deepEqual(await keys(store), names);
      await store.removeFolder('f');
      assert.deepEqual(await keys(store), []);
    });
  });

  test('a put that is cancelled while its bytes are on the way ends at once', async () => {
    await withStore(async (store) => {
      const controller = new AbortController();
      const put = store.put('k', randomBytes(40 * mib), { signal: controller.signal });
      setImmediate(() => controller.abort());
      await assert.rejects(put, { code: 'CANCELLED_BY_CALLER' });
      await assert.rejects(store.put('k', Buffer.alloc(1), { signal: controller.signal }), {
        code: 'CANCELLED_BY_CALLER',
      });
    });
  });
});
