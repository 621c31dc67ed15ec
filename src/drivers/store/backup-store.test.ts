import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { noise, sampleHeader, samplePoint, sampleStream } from '../../../test/contract/store-samples.ts';
import { data, read, withStore, write } from '../../../test/contract/store-scene.ts';
import { streamOf } from '../../../test/fuzz/diff-arbitraries.ts';
import { newId } from '../../base/ids.ts';
import { collectRecords } from '../../domain/rbd-diff/read.ts';
import type { DiffRecord } from '../../domain/rbd-diff/records.ts';
import { openBackupStore } from './backup-store.ts';
import type { LinkProgress } from './backup-store.ts';
import { FilesystemStore } from './filesystem-store.ts';
import type { ObjectStore } from './object-store.ts';

const run = promisify(execFile);
const done = Promise.resolve();

describe('a link', () => {
  test('comes back as the same image, described completely by its manifest', async () => {
    await withStore(async ({ store }) => {
      const header = sampleHeader();
      const progress: LinkProgress[] = [];
      const bytes = sampleStream(header, data);
      const manifest = await store.writeLink({
        header,
        stream: streamOf([bytes.subarray(0, 70_000), bytes.subarray(70_000)]),
        exported: done,
        onProgress: (step) => progress.push(step),
      });
      assert.deepEqual(await store.readLinkManifest(header.linkId), manifest);
      assert.equal(manifest.source.sizeBytes, 64 * 1024 * 1024);
      assert.ok(manifest.segments.count >= 3);
      assert.equal(progress.length, manifest.segments.count);
      assert.deepEqual(progress.at(-1), {
        plainBytes: manifest.segments.plainBytes,
        storedBytes: manifest.segments.storedBytes,
        dataBytes: manifest.content.dataBytes,
        position: 1_348_576,
      });
      const stream = await read(store, header.linkId);
      assert.equal(stream.length, manifest.segments.plainBytes);
      assert.ok(stream.length < 200_000, 'zeros are not stored');
      const content = (records: DiffRecord[]): Buffer => {
        const image = Buffer.alloc(2_000_000, 0xee);
        for (const record of records) {
          if (record.type === 'write') record.data.copy(image, record.offset);
          if (record.type === 'zero') image.fill(0, record.offset, record.offset + record.length);
        }
        return image;
      };
      assert.ok(content(await collectRecords(streamOf([stream]))).equals(content(data)));
      assert.equal((await store.checkLink(header.linkId)).linkId, header.linkId);
    });
  });

  test('its index finds every byte, segment by segment', async () => {
    await withStore(async ({ store }) => {
      const header = sampleHeader();
      await write(store, header);
      const manifest = await store.checkLink(header.linkId);
      const image = Buffer.alloc(2_000_000);
      let plain: Buffer = Buffer.alloc(0);
      for await (const entries of store.openLinkIndex(manifest)) {
        for (const entry of entries) {
          if (entry.type === 'segment') plain = await store.readLinkSegment(manifest, entry);
          if (entry.type === 'data')
            plain.copy(image, entry.offset, entry.position, entry.position + entry.length);
        }
      }
      assert.ok(image.subarray(0, 100_000).equals(noise(100_000)));
      assert.equal(image.subarray(1_068_576, 1_068_581).toString(), 'text ');
    });
  });

  test('the way out: the segments alone, through zstd -d, are the stream', async () => {
    await withStore(async ({ root, store }) => {
      const header = sampleHeader();
      await write(store, header);
      const folder = join(root, 'links', header.linkId);
      const command = `cat ${folder}/segments/*.zst | zstd -d`;
      const { stdout } = await run('sh', ['-c', command], { encoding: 'buffer', maxBuffer: 10_000_000 });
      assert.ok(stdout.equals(await read(store, header.linkId)));
      const { stdout: index } = await run('zstd', ['-dc', join(folder, 'index.zst')], { encoding: 'latin1' });
      assert.ok(index.startsWith('emberkeep index v1\n'));
      for (const name of await readdir(join(folder, 'segments'))) {
        const { stdout: listed } = await run('zstd', ['-lv', join(folder, 'segments', name)]);
        assert.match(listed, /Decompressed Size: /);
        assert.match(listed, /Check: XXH64/);
      }
    });
  });

  test('an empty increment is a link too', async () => {
    await withStore(async ({ store }) => {
      const header = sampleHeader({ from: 'zero' });
      const bytes = sampleStream(header, []);
      await write(store, header, bytes);
      assert.ok((await read(store, header.linkId)).equals(bytes));
      assert.equal((await store.checkLink(header.linkId)).content.dataBytes, 0);
    });
  });

  test('a long index, written in many frames while the segments are, reads back', async () => {
    await withStore(async ({ store }) => {
      const header = sampleHeader();
      // One byte each 4097 bytes apart: 400,000 records of 18 bytes, an index of more than a frame.
      const records: DiffRecord[] = Array.from({ length: 400_000 }, (_, index) => ({
        type: 'write',
        offset: index * 4097,
        data: Buffer.of(1),
      }));
      await write(store, header, sampleStream(header, records, 2 ** 31));
      const manifest = await store.checkLink(header.linkId);
      assert.equal(manifest.index.extents, 400_000);
      let extents = 0;
      for await (const entries of store.openLinkIndex(manifest)) {
        extents += entries.filter(({ type }) => type === 'data').length;
      }
      assert.equal(extents, 400_000);
    });
  });

  test('a second write of the same link is refused and harms nothing', async () => {
    await withStore(async ({ store }) => {
      const header = sampleHeader();
      await write(store, header);
      await assert.rejects(write(store, header), { code: 'CONFLICT_LINK_EXISTS' });
      await store.checkLink(header.linkId);
    });
  });

  test('removing is idempotent, takes the manifest first, and leaves nothing', async () => {
    await withStore(async ({ root, store }) => {
      const header = sampleHeader();
      await write(store, header);
      await store.removeLink(header.linkId);
      await store.removeLink(header.linkId);
      assert.deepEqual(await readdir(root), ['emberkeep-store.json']);
      await assert.rejects(store.checkLink(header.linkId), { code: 'INTEGRITY_LINK_MISSING' });
    });
  });
});

describe('points', () => {
  test('are written over complete links only, read, listed and removed', async () => {
    await withStore(async ({ store }) => {
      const header = sampleHeader();
      const point = samplePoint(store.storeId, header.linkId);
      await assert.rejects(store.writePoint(point), { code: 'INTEGRITY_LINK_MISSING' });
      await write(store, header);
      await store.writePoint(point);
      assert.deepEqual(await store.readPoint(point.pointId), point);
      assert.equal(await store.readPoint(newId()), undefined);
      const listed = [];
      for await (const found of store.listPoints()) listed.push(found);
      assert.deepEqual(listed, [point]);
      await store.removePoint(point.pointId);
      await store.removePoint(point.pointId);
      assert.equal(await store.readPoint(point.pointId), undefined);
    });
  });

  test('an id that is no UUID never becomes a path', async () => {
    await withStore(async ({ store }) => {
      await assert.rejects(store.readPoint('../../etc/passwd'), { code: 'INPUT_ID' });
      await assert.rejects(store.removeLink('..'), { code: 'INPUT_ID' });
    });
  });
});

describe('opening a store', () => {
  async function withRoot(body: (root: string, objects: ObjectStore) => Promise<void>): Promise<void> {
    const root = await mkdtemp(join(tmpdir(), 'emberkeep-open-'));
    try {
      await body(root, await FilesystemStore.open(root));
    } finally {
      await chmod(root, 0o700);
      await rm(root, { recursive: true, force: true });
    }
  }

  test('makes one only when asked to, and finds it again', async () => {
    await withRoot(async (root, objects) => {
      await assert.rejects(openBackupStore(objects, { create: false }), { code: 'STORE_NOT_FOUND' });
      assert.deepEqual(await readdir(root), []);
      const made = await openBackupStore(objects, { create: true });
      const again = await openBackupStore(objects, { create: true });
      assert.equal(again.storeId, made.storeId);
      assert.deepEqual(await readdir(root), ['emberkeep-store.json']);
    });
  });

  test('a fresh file system counts as empty', async () => {
    await withRoot(async (root, objects) => {
      await mkdir(join(root, 'lost+found'));
      await openBackupStore(objects, { create: true });
    });
  });

  test('refuses what is not ours or newer, and changes nothing', async () => {
    for (const [name, content, code] of [
      ['notes.txt', 'mine', 'STORE_NOT_OURS'],
      ['emberkeep-store.json', '{"format":"emberkeep-store","version":2,"new":true}', 'STORE_NEWER_FORMAT'],
      ['emberkeep-store.json', '{"format":"other"}', 'INTEGRITY_MANIFEST_MALFORMED'],
      ['emberkeep-store.json', 'half', 'INTEGRITY_MANIFEST_MALFORMED'],
    ] as const) {
      await withRoot(async (root, objects) => {
        await writeFile(join(root, name), content);
        await assert.rejects(openBackupStore(objects, { create: true }), { code });
        assert.deepEqual(await readdir(root), [name]);
        assert.equal(await readFile(join(root, name), 'utf8'), content);
      });
    }
  });
});
