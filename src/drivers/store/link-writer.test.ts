import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sampleHeader, sampleStream } from '../../../test/contract/store-samples.ts';
import { data, withStore, write } from '../../../test/contract/store-scene.ts';
import type { Scene } from '../../../test/contract/store-scene.ts';
import { streamOf } from '../../../test/fuzz/diff-arbitraries.ts';
import { AppError } from '../../base/errors.ts';
import type { DiffRecord } from '../../domain/rbd-diff/records.ts';
import type { BackupStore } from './backup-store.ts';

async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function links(store: BackupStore): Promise<{ linkId: string; complete: boolean }[]> {
  const found = [];
  for await (const link of store.listLinks()) found.push(link);
  return found;
}

async function rejected(error: unknown): Promise<never> {
  await Promise.resolve();
  throw error;
}

describe('the order of a write', () => {
  const header = sampleHeader();
  const folder = `links/${header.linkId}`;

  test('is segments, index, manifest, each durable before the next names it (I1)', async () => {
    await withStore(async ({ objects, store }) => {
      objects.log.length = 0;
      await write(store, header);
      const log = objects.log.filter((entry) => !entry.startsWith('remove'));
      assert.deepEqual(log.slice(-4), [
        `begin ${folder}/index.zst`,
        `end ${folder}/index.zst`,
        `begin ${folder}/manifest.json`,
        `end ${folder}/manifest.json`,
      ]);
      assert.ok(log.slice(0, -4).every((entry) => entry.includes('/segments/')));
    });
  });

  test('waits for the exporter before the index and the manifest (I2)', async () => {
    await withStore(async ({ objects, store }) => {
      const exported = new Promise<void>((resolve) => {
        setTimeout(() => {
          objects.log.push('exported');
          resolve();
        }, 200);
      });
      await store.writeLink({ header, stream: streamOf([sampleStream(header, data)]), exported });
      const at = objects.log.indexOf('exported');
      assert.ok(at < objects.log.indexOf(`begin ${folder}/index.zst`));
      assert.ok(at < objects.log.indexOf(`begin ${folder}/manifest.json`));
    });
  });

  test('of a removal is the manifest first (I1)', async () => {
    await withStore(async ({ objects, store }) => {
      await write(store, header);
      objects.log.length = 0;
      await store.removeLink(header.linkId);
      assert.deepEqual(objects.log, [`remove ${folder}/manifest.json`, `remove ${folder}/`]);
    });
  });
});

describe('a write that fails leaves nothing, and nothing named by a manifest is missing', () => {
  const header = sampleHeader();
  const stream = sampleStream(header, data);

  async function assertRejected(scene: Scene, promise: Promise<unknown>, code: string): Promise<void> {
    await assert.rejects(promise, { code });
    scene.objects.putsLeft = Infinity;
    assert.deepEqual(await filesBelow(scene.root), [join(scene.root, 'emberkeep-store.json')]);
    assert.equal(await scene.store.readLinkManifest(header.linkId), undefined);
    assert.deepEqual(await links(scene.store), []);
  }

  test('whichever object cannot be stored (I1)', async () => {
    await withStore(async (scene) => {
      for (let puts = 0; ; puts++) {
        scene.objects.putsLeft = puts;
        try {
          await write(scene.store, header);
          assert.ok(puts > 4);
          scene.objects.putsLeft = Infinity;
          await scene.store.checkLink(header.linkId);
          return;
        } catch (error) {
          await assertRejected(scene, rejected(error), 'STORE_FULL');
        }
      }
    });
  });

  test('while the index is being uploaded', async () => {
    const records: DiffRecord[] = Array.from({ length: 300_000 }, (_, index) => ({
      type: 'write',
      offset: index * 4097,
      data: Buffer.of(1),
    }));
    const bytes = sampleStream(header, records, 2 ** 31);
    await withStore(async (scene) => {
      const limit = 70;
      scene.objects.putsLeft = limit;
      await assertRejected(scene, write(scene.store, header, bytes), 'STORE_FULL');
    });
  });

  for (const [what, bytes, code] of [
    ['a truncated stream', stream.subarray(0, -1), 'INTEGRITY_DIFF_TRUNCATED'],
    [
      'a stream with something behind its end',
      Buffer.concat([stream, Buffer.of(0)]),
      'INTEGRITY_DIFF_MALFORMED',
    ],
    ['no stream at all', Buffer.alloc(0), 'INTEGRITY_DIFF_TRUNCATED'],
  ] as const) {
    test(`${what} (I2)`, async () => {
      await withStore(async (scene) => {
        await assertRejected(scene, write(scene.store, header, bytes), code);
      });
    });
  }

  test('an exporter that fails after a whole stream (I2)', async () => {
    await withStore(async (scene) => {
      const exported = Promise.reject(new AppError('CEPH_FAILED', 'rbd exited with 1'));
      const writing = scene.store.writeLink({ header, stream: streamOf([stream]), exported });
      await assertRejected(scene, writing, 'CEPH_FAILED');
    });
  });

  test('an exporter that dies in the middle is blamed, not the stream that broke off', async () => {
    await withStore(async (scene) => {
      const exported = Promise.reject(new AppError('CEPH_FAILED', 'rbd was killed'));
      const half = streamOf([stream.subarray(0, 90_000)]);
      await assertRejected(scene, scene.store.writeLink({ header, stream: half, exported }), 'CEPH_FAILED');
    });
  });

  test('a cancelled write, even when the stream says nothing any more', async () => {
    await withStore(async (scene) => {
      const controller = new AbortController();
      async function* stalled(): AsyncGenerator<Buffer> {
        yield stream.subarray(0, 150_000);
        setImmediate(() => controller.abort());
        await new Promise(() => undefined);
      }
      const writing = scene.store.writeLink({
        header,
        stream: stalled(),
        exported: new Promise(() => undefined),
        signal: controller.signal,
      });
      await assertRejected(scene, writing, 'CANCELLED_BY_CALLER');
    });
  });

  test('a stream of other snapshots, or of another image size (I3)', async () => {
    await withStore(async (scene) => {
      const increment = sampleHeader({ from: 'zero', linkId: header.linkId });
      const other = sampleHeader({ linkId: header.linkId, toSnapshot: { name: 'other', id: 9 } });
      const size = { ...header, source: { ...header.source, sizeBytes: 1 } };
      for (const [wanted, bytes] of [
        [header, sampleStream(increment, data)],
        [increment, stream],
        [header, sampleStream(other, data)],
        [size, stream],
        [header, sampleStream(header, []).subarray(0, 20)],
      ] as const) {
        if (bytes.length === 20) {
          const noSize = Buffer.concat([bytes, Buffer.from('e')]);
          await assertRejected(scene, write(scene.store, wanted, noSize), 'INTEGRITY_DIFF_HEADERS');
        } else {
          await assertRejected(scene, write(scene.store, wanted, bytes), 'INTEGRITY_DIFF_HEADERS');
        }
      }
    });
  });
});
