import assert from 'node:assert/strict';
import { rm, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sampleHeader, sampleStream } from '../../../test/contract/store-samples.ts';
import { data, withStore, write } from '../../../test/contract/store-scene.ts';
import type { Scene } from '../../../test/contract/store-scene.ts';
import { encodeManifest } from '../../domain/manifest-codec.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import type { LinkInspection } from './backup-store.ts';
import {
  compressFrame,
  compressStreamFrame,
  decompressFrame,
  decompressStreamFrames,
  sha256,
} from './codec.ts';
import { indexKey, linkManifestKey, segmentKey } from './keys.ts';

async function inspected(
  { store }: Scene,
  linkId: string,
  options?: Parameters<typeof store.inspectLink>[1],
): Promise<LinkInspection> {
  const manifest = await store.readLinkManifest(linkId);
  assert.ok(manifest !== undefined);
  return await store.inspectLink(manifest, options);
}

describe('a complete inspection of a link', () => {
  test('finds nothing in a whole one, and counts it', async () => {
    await withStore(async (scene) => {
      const full = sampleHeader();
      const increment = sampleHeader({ from: 'one', toSnapshot: { name: 'two', id: 5 } });
      await write(scene.store, full);
      await write(scene.store, increment, sampleStream(increment, []));
      const progress: number[] = [];
      const manifest = await scene.store.readLinkManifest(full.linkId);
      assert.deepEqual(
        await inspected(scene, full.linkId, { onProgress: ({ segments }) => progress.push(segments) }),
        {
          segments: manifest?.segments.count,
          plainBytes: manifest?.segments.plainBytes,
          damages: [],
          damageCount: 0,
        },
      );
      assert.equal(progress.at(-1), manifest?.segments.count);
      assert.equal((await inspected(scene, increment.linkId)).damageCount, 0);
    });
  });

  test('tells every damaged segment and goes on after each', async () => {
    await withStore(async (scene) => {
      const header = sampleHeader();
      await write(scene.store, header);
      const folder = join(scene.root, 'links', header.linkId, 'segments');
      await rm(join(folder, '00000000.zst'));
      await truncate(join(folder, '00000002.zst'), 9);
      const { segments, damages, damageCount } = await inspected(scene, header.linkId);
      const manifest = await scene.store.readLinkManifest(header.linkId);
      assert.equal(segments, manifest?.segments.count);
      assert.equal(damageCount, 2);
      assert.deepEqual(
        damages.map(({ segment }) => segment),
        [0, 2],
      );
      assert.match(damages[0]?.reason ?? '', /Segment 0 of link .* is damaged: it is missing/);
    });
  });

  test('tells a damaged index', async () => {
    await withStore(async (scene) => {
      const header = sampleHeader();
      await write(scene.store, header);
      await truncate(join(scene.root, indexKey(header.linkId)), 40);
      const { damages } = await inspected(scene, header.linkId);
      assert.equal(damages.length, 1);
      assert.equal(damages[0]?.segment, undefined);
      assert.match(damages[0]?.reason ?? '', /The index of link .* is damaged/);
    });
  });

  /** Rewrites the first segment with right hashes everywhere: what only a comparison of the contents can find. */
  async function forge(
    { root, objects }: Scene,
    manifest: LinkManifest,
    change: (plain: Buffer) => void,
  ): Promise<void> {
    const { linkId } = manifest;
    const path = join(root, segmentKey(linkId, 0));
    const old = await readFile(path);
    const plain = await decompressFrame(old, manifest.segments.maxPlainBytes);
    change(plain);
    const stored = Buffer.concat((await compressFrame(plain)).pieces);
    await writeFile(path, stored);
    const frames: Buffer[] = [];
    for await (const frame of decompressStreamFrames(objects.open(indexKey(linkId)))) frames.push(frame);
    const index = Buffer.concat(frames);
    const at = index.indexOf(sha256(old));
    sha256(stored).copy(index, at);
    assert.equal(stored.length, old.length, 'the forgery must not change a size');
    const storedIndex = await compressStreamFrame(index);
    await writeFile(join(root, indexKey(linkId)), storedIndex);
    await writeFile(
      join(root, linkManifestKey(linkId)),
      encodeManifest({
        ...manifest,
        index: {
          ...manifest.index,
          storedBytes: storedIndex.length,
          sha256: sha256(storedIndex).toString('hex'),
        },
      }),
    );
  }

  const forgeries: [string, (plain: Buffer) => void, RegExp][] = [
    // Banner 12, to-snapshot 5 + 3, image size 9: the first record is at byte 29.
    ['a record elsewhere in the image', (plain) => (plain[30]! ^= 0x10), /its record at byte 29/],
    ['a zero record in the place of data', (plain) => (plain[29] = 0x7a), /its record at byte 29/],
    ['another image size', (plain) => (plain[21]! ^= 1), /its snapshots or its image size/],
    ['another snapshot', (plain) => (plain[17]! ^= 1), /its snapshots or its image size/],
    ['no banner', (plain) => (plain[0]! ^= 1), /does not begin an rbd diff/],
  ];
  for (const [what, change, expected] of forgeries) {
    test(`finds ${what}, though every hash is right`, async () => {
      await withStore(async (scene) => {
        const header = sampleHeader();
        await write(scene.store, header);
        const manifest = await scene.store.readLinkManifest(header.linkId);
        assert.ok(manifest !== undefined);
        await forge(scene, manifest, change);
        const { damages } = await inspected(scene, header.linkId);
        assert.deepEqual(
          damages.map(({ segment }) => segment),
          [0],
        );
        assert.match(damages[0]?.reason ?? '', expected);
      });
    });
  }

  test('throws what is no damage', async () => {
    await withStore(async (scene) => {
      const header = sampleHeader();
      await write(scene.store, header, sampleStream(header, data));
      await assert.rejects(inspected(scene, header.linkId, { signal: AbortSignal.abort() }), {
        code: 'CANCELLED_BY_CALLER',
      });
    });
  });
});
