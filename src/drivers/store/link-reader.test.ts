import assert from 'node:assert/strict';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { noise, sampleHeader, sampleStream } from '../../../test/contract/store-samples.ts';
import { read, withStore, write } from '../../../test/contract/store-scene.ts';
import { streamOf } from '../../../test/fuzz/diff-arbitraries.ts';
import { compressStreamFrame, decompressStreamFrames } from './codec.ts';

describe('damage is found before a byte of it is used (I8)', () => {
  const cases: [string, string, (path: string) => Promise<void>, string, 'check' | 'read'][] = [
    ['a missing segment', 'segments/00000001.zst', (path) => rm(path), 'INTEGRITY_SEGMENT_DAMAGED', 'check'],
    [
      'a short segment',
      'segments/00000002.zst',
      (path) => truncate(path, 9),
      'INTEGRITY_SEGMENT_DAMAGED',
      'check',
    ],
    ['a longer segment', 'segments/00000000.zst', append, 'INTEGRITY_SEGMENT_DAMAGED', 'check'],
    ['a flipped bit in a segment', 'segments/00000001.zst', flip, 'INTEGRITY_SEGMENT_DAMAGED', 'read'],
    ['a flipped bit in the index', 'index.zst', flip, 'INTEGRITY_INDEX_DAMAGED', 'check'],
    ['a missing index', 'index.zst', (path) => rm(path), 'INTEGRITY_INDEX_DAMAGED', 'check'],
    ['a longer index', 'index.zst', append, 'INTEGRITY_INDEX_DAMAGED', 'check'],
    ['a changed manifest', 'manifest.json', changeSize, 'INTEGRITY_MANIFEST_DAMAGED', 'check'],
    [
      'a cut manifest',
      'manifest.json',
      (path) => truncate(path, 100),
      'INTEGRITY_MANIFEST_MALFORMED',
      'check',
    ],
  ];
  for (const [what, file, damage, code, found] of cases) {
    test(what, async () => {
      await withStore(async ({ root, store }) => {
        const header = sampleHeader();
        await write(store, header);
        const whole = await read(store, header.linkId);
        await damage(join(root, 'links', header.linkId, file));
        if (found === 'check') await assert.rejects(store.checkLink(header.linkId), { code });
        else await store.checkLink(header.linkId);
        let at = 0;
        await assert.rejects(
          async () => {
            const manifest = await store.readLinkManifest(header.linkId);
            assert.ok(manifest !== undefined);
            for await (const chunk of store.openLinkStream(manifest)) {
              assert.ok(chunk.equals(whole.subarray(at, at + chunk.length)));
              at += chunk.length;
            }
          },
          { code },
        );
        assert.ok(at < whole.length);
      });
    });
  }

  test('a whole, valid segment of another link of the same length', async () => {
    await withStore(async ({ root, store }) => {
      const [one, other] = [sampleHeader(), sampleHeader()];
      const bytes = (seed: number): Buffer =>
        sampleStream(one, [{ type: 'write', offset: 0, data: noise(40_000, seed) }]);
      await write(store, one, bytes(1));
      await write(store, other, bytes(2));
      const path = (linkId: string): string => join(root, 'links', linkId, 'segments/00000000.zst');
      assert.equal((await readFile(path(one.linkId))).length, (await readFile(path(other.linkId))).length);
      await writeFile(path(one.linkId), await readFile(path(other.linkId)));
      await assert.rejects(read(store, one.linkId), { code: 'INTEGRITY_SEGMENT_DAMAGED' });
    });
  });

  test('a whole, valid index that says something else', async () => {
    await withStore(async ({ root, store }) => {
      const header = sampleHeader();
      await write(store, header);
      const path = join(root, 'links', header.linkId, 'index.zst');
      const stored = await readFile(path);
      const plain: Buffer[] = [];
      for await (const frame of decompressStreamFrames(streamOf([stored]))) plain.push(frame);
      const changed = Buffer.concat(plain);
      // In the hash of the first segment: behind the banner, the tag, two numbers of 3 bytes and one of 1.
      changed[19 + 1 + 7 + 10]! ^= 1;
      const forged = await compressStreamFrame(changed);
      assert.equal(forged.length, stored.length);
      await writeFile(path, forged);
      await assert.rejects(store.checkLink(header.linkId), { code: 'INTEGRITY_INDEX_DAMAGED' });
    });
  });

  test('the message names the link and the segment', async () => {
    await withStore(async ({ root, store }) => {
      const header = sampleHeader();
      await write(store, header);
      await rm(join(root, 'links', header.linkId, 'segments/00000001.zst'));
      await assert.rejects(store.checkLink(header.linkId), {
        message: `Segment 1 of link ${header.linkId} is damaged: it is missing.`,
        details: { linkId: header.linkId, segment: 1 },
        retryable: false,
      });
    });
  });

  test('a manifest in the place of another', async () => {
    await withStore(async ({ root, store }) => {
      const [one, other] = [sampleHeader(), sampleHeader()];
      await write(store, one);
      await write(store, other);
      const path = (linkId: string): string => join(root, 'links', linkId, 'manifest.json');
      await writeFile(path(one.linkId), await readFile(path(other.linkId)));
      await assert.rejects(store.readLinkManifest(one.linkId), { code: 'INTEGRITY_MANIFEST_FOREIGN' });
    });
  });

  async function flip(path: string): Promise<void> {
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
  }

  async function append(path: string): Promise<void> {
    await writeFile(path, 'x', { flag: 'a' });
  }

  async function changeSize(path: string): Promise<void> {
    await writeFile(
      path,
      (await readFile(path, 'utf8')).replace('"sizeBytes": 67108864', '"sizeBytes": 67108865'),
    );
  }
});
