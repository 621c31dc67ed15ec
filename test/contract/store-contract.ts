import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import type { ObjectStore } from '../../src/drivers/store/object-store.ts';

export interface ContractSubject {
  /** A store with nothing in it. */
  store: ObjectStore;
  /** Another view of the same store, as a second process would have it. */
  reopen: () => Promise<ObjectStore>;
  close: () => Promise<void>;
}

/** What every ObjectStore must do; run once per driver. */
export function storeContract(name: string, open: () => Promise<ContractSubject>): void {
  async function withStore(
    body: (store: ObjectStore, subject: ContractSubject) => Promise<void>,
  ): Promise<void> {
    const subject = await open();
    try {
      await body(subject.store, subject);
    } finally {
      await subject.close();
    }
  }

  describe(`${name} keeps the contract of object stores`, () => {
    test('what is put can be read whole, as a stream and by another process', async () => {
      await withStore(async (store, { reopen }) => {
        const bytes = randomBytes(3_000_000);
        assert.equal(await store.put('a/b/one.zst', bytes), bytes.length);
        assert.ok((await store.get('a/b/one.zst', bytes.length))?.equals(bytes));
        assert.ok((await joined(store.open('a/b/one.zst'))).equals(bytes));
        assert.deepEqual(await store.stat('a/b/one.zst'), { key: 'a/b/one.zst', sizeBytes: bytes.length });
        assert.ok((await (await reopen()).get('a/b/one.zst', bytes.length))?.equals(bytes));
      });
    });

    test('a body may be pieces or a stream, and may be empty', async () => {
      await withStore(async (store) => {
        const pieces = [randomBytes(100_000), Buffer.alloc(0), randomBytes(5)];
        await store.put('pieces', pieces);
        await store.put('stream', streamOf(pieces));
        await store.put('empty', streamOf([]));
        for (const key of ['pieces', 'stream']) {
          assert.ok((await store.get(key, 1_000_000))?.equals(Buffer.concat(pieces)));
        }
        assert.equal((await store.get('empty', 0))?.length, 0);
        assert.equal((await joined(store.open('empty'))).length, 0);
      });
    });

    test('a large stream of unknown length arrives whole', async () => {
      await withStore(async (store) => {
        const piece = randomBytes(1_000_003);
        await store.put('large', streamOf(Array.from({ length: 21 }, () => piece)));
        assert.equal((await store.stat('large'))?.sizeBytes, 21 * piece.length);
        assert.ok(
          (await joined(store.open('large'))).equals(Buffer.concat(Array.from({ length: 21 }, () => piece))),
        );
      });
    });

    test('a put replaces what was there', async () => {
      await withStore(async (store) => {
        await store.put('x/y', Buffer.from('long before'));
        await store.put('x/y', Buffer.from('after'));
        assert.equal((await store.get('x/y', 100))?.toString(), 'after');
      });
    });

    test('a put that fails shows nothing, and what was there before stays', async () => {
      await withStore(async (store) => {
        const failure = new Error('the source broke');
        await store.put('old', Buffer.from('old'));
        for (const key of ['old', 'new', 'folder/new']) {
          await assert.rejects(store.put(key, failing(failure)), failure);
        }
        assert.equal((await store.get('old', 10))?.toString(), 'old');
        assert.equal(await store.get('new', 10), undefined);
        assert.deepEqual(await keys(store, ''), ['old']);
      });
    });

    test('a put that is cancelled shows nothing', async () => {
      await withStore(async (store) => {
        const controller = new AbortController();
        async function* body(): AsyncGenerator<Buffer> {
          yield randomBytes(1000);
          controller.abort();
          await Promise.resolve();
          yield randomBytes(1000);
        }
        await assert.rejects(store.put('k', body(), { signal: controller.signal }), { code: /^CANCELLED_/ });
        assert.equal(await store.stat('k'), undefined);
      });
    });

    test('a read that is cancelled ends, before its first byte and between two', async () => {
      await withStore(async (store) => {
        await store.put('k', randomBytes(5_000_000));
        const controller = new AbortController();
        const { signal } = controller;
        const read = async (): Promise<void> => {
          for await (const chunk of store.open('k', { signal })) if (chunk.length > 0) controller.abort();
        };
        await assert.rejects(read(), { code: /^CANCELLED_/ });
        await assert.rejects(read(), { code: /^CANCELLED_/ });
        await assert.rejects(store.get('k', 5_000_000, { signal }), { code: /^CANCELLED_/ });
        await assert.rejects(Array.fromAsync(store.list('', { signal })), { code: /^CANCELLED_/ });
      });
    });

    test('an object that is not there: undefined, STORE_OBJECT_MISSING for a stream, nothing to remove', async () => {
      await withStore(async (store) => {
        assert.equal(await store.get('no/such', 10), undefined);
        assert.equal(await store.stat('no/such'), undefined);
        assert.equal(await store.stat('no'), undefined);
        await assert.rejects(joined(store.open('no/such')), { code: 'STORE_OBJECT_MISSING' });
        await store.remove('no/such');
        await store.removeFolder('no');
        assert.deepEqual(await keys(store, ''), []);
        assert.deepEqual(await collect(store.folders('no')), []);
      });
    });

    test('an object larger than the caller can take is refused', async () => {
      await withStore(async (store) => {
        await store.put('big', Buffer.alloc(11));
        await assert.rejects(store.get('big', 10), { code: 'STORE_OBJECT_TOO_LARGE' });
      });
    });

    test('listings are ascending by key and limited to the prefix, with sizes', async () => {
      await withStore(async (store) => {
        const all = ['a-b/c', 'a.b', 'a/1', 'a/10', 'a/2/x', 'ab', 'b/1'];
        for (const key of [...all].reverse()) await store.put(key, Buffer.from(key));
        assert.deepEqual(await keys(store, ''), all);
        assert.deepEqual(await keys(store, 'a/'), ['a/1', 'a/10', 'a/2/x']);
        assert.deepEqual(await keys(store, 'a/1'), ['a/1', 'a/10']);
        assert.deepEqual(await keys(store, 'a/2/'), ['a/2/x']);
        assert.deepEqual(await keys(store, 'c/'), []);
        for await (const { key, sizeBytes } of store.list('')) assert.equal(sizeBytes, key.length);
        assert.deepEqual(await collect(store.folders('a')), ['2']);
      });
    });

    test('many objects are listed all, folders once each', async () => {
      await withStore(async (store) => {
        const names = Array.from(
          { length: 25 },
          (_, index) => `links/link-${String(index).padStart(2, '0')}`,
        );
        for (const name of names) {
          await Promise.all(
            ['s/0', 's/1', 'm'].map((part) => store.put(`${name}/${part}`, Buffer.from(part))),
          );
        }
        assert.equal((await keys(store, 'links/')).length, 75);
        assert.deepEqual(
          await collect(store.folders('links')),
          names.map((name) => name.slice('links/'.length)),
        );
      });
    });

    test('usage counts what is below a folder and says when it was last written', async () => {
      await withStore(async (store) => {
        const before = Date.now();
        await store.put('f/1', Buffer.alloc(3));
        await store.put('f/g/2', Buffer.alloc(5));
        await store.put('ff/3', Buffer.alloc(7));
        const { sizeBytes, changedAt } = await store.usage('f');
        assert.equal(sizeBytes, 8);
        // A gateway's clock counts whole seconds, and is another one.
        assert.ok(changedAt !== undefined && Math.abs(changedAt.getTime() - before) < 60_000);
        assert.deepEqual(await store.usage('no'), { sizeBytes: 0, changedAt: undefined });
      });
    });

    test('remove takes one object, removeFolder all below a folder and nothing beside it', async () => {
      await withStore(async (store) => {
        for (const key of ['f/1', 'f/2/3', 'f2/1', 'fx']) await store.put(key, Buffer.from('x'));
        await store.remove('f/1');
        assert.deepEqual(await keys(store, ''), ['f/2/3', 'f2/1', 'fx']);
        await store.removeFolder('f');
        assert.deepEqual(await keys(store, ''), ['f2/1', 'fx']);
        await store.put('f/1', Buffer.from('again'));
        assert.deepEqual(await keys(store, 'f/'), ['f/1']);
      });
    });

    test('puts and removes in one folder do not disturb each other', async () => {
      await withStore(async (store) => {
        const work = Array.from({ length: 40 }, async (_, index) => {
          await store.put(`p/q/${index}`, Buffer.from('x'));
          if (index % 2 === 1) await store.remove(`p/q/${index}`);
        });
        await Promise.all(work);
        assert.equal((await keys(store, 'p/')).length, 20);
      });
    });

    test('a copy has the bytes, replaces what was there, and stays when the original goes', async () => {
      await withStore(async (store) => {
        const bytes = randomBytes(300_000);
        await store.put('a/from', bytes);
        await store.put('c/old', Buffer.from('old'));
        for (const to of ['a/to', 'b/new/to', 'c/old']) await store.copy('a/from', to);
        assert.deepEqual(await keys(store, ''), ['a/from', 'a/to', 'b/new/to', 'c/old']);
        await store.copy('a/from', 'a/to');
        await store.copy('a/from', 'a/from');
        await store.put('a/from', Buffer.from('another'));
        await store.remove('a/to');
        await store.removeFolder('a');
        for (const key of ['b/new/to', 'c/old']) {
          assert.ok((await store.get(key, bytes.length))?.equals(bytes), key);
        }
        assert.deepEqual(await keys(store, ''), ['b/new/to', 'c/old']);
      });
    });

    test('replacing a copy leaves the original as it was', async () => {
      await withStore(async (store) => {
        await store.put('from', Buffer.from('first'));
        await store.copy('from', 'to');
        await store.put('to', Buffer.from('second'));
        assert.equal((await store.get('from', 10))?.toString(), 'first');
        assert.equal((await store.get('to', 10))?.toString(), 'second');
      });
    });

    test('a copy of nothing is STORE_OBJECT_MISSING and makes nothing', async () => {
      await withStore(async (store) => {
        await store.put('old', Buffer.from('old'));
        for (const to of ['new/to', 'old', 'no/such']) {
          await assert.rejects(store.copy('no/such', to), { code: 'STORE_OBJECT_MISSING' });
        }
        assert.deepEqual(await keys(store, ''), ['old']);
        await assert.rejects(store.copy('old', '../to'), { code: 'BUG_STORE_KEY' });
      });
    });

    test('keys that would leave the store or hide in it are refused', async () => {
      await withStore(async (store) => {
        for (const key of [
          '',
          '/a',
          'a/',
          '../a',
          'a/../b',
          '.a',
          'a//b',
          'a b',
          'a.part',
          'a.part/b',
          'ä',
        ]) {
          await assert.rejects(store.put(key, Buffer.from('x')), { code: 'BUG_STORE_KEY' }, key);
        }
        assert.deepEqual(await keys(store, ''), []);
      });
    });
  });
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function keys(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await collect(store.list(prefix))).map(({ key }) => key);
}

async function joined(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  return Buffer.concat(await collect(stream));
}

// eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
async function* streamOf(pieces: Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}

// eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
async function* failing(error: Error): AsyncGenerator<Buffer> {
  yield randomBytes(100_000);
  throw error;
}
