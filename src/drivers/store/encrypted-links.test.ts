import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { noise, sampleHeader, sampleStream } from '../../../test/contract/store-samples.ts';
import { data, read, withStore, write } from '../../../test/contract/store-scene.ts';
import type { Scene } from '../../../test/contract/store-scene.ts';
import {
  applyRecords,
  chunkSizes,
  cutInto,
  streamOf,
  validRecords,
} from '../../../test/fuzz/diff-arbitraries.ts';
import type { SegmentEntry } from '../../domain/link-index/entries.ts';
import { encodeManifest } from '../../domain/manifest-codec.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { collectRecords } from '../../domain/rbd-diff/read.ts';
import type { DiffRecord } from '../../domain/rbd-diff/records.ts';
import { writeDiff } from '../../domain/rbd-diff/write.ts';
import { openBackupStore } from './backup-store.ts';
import type { BackupStore } from './backup-store.ts';
import { sha256 } from './codec.ts';
import { indexKey, linkManifestKey, segmentKey } from './keys.ts';
import { createMasterKey, masterKeyRing, noMasterKeys } from './master-key.ts';
import type { MasterKeys } from './master-key.ts';
import { copySegment } from './sealing-copy.ts';
import { createLinkSealing } from './sealing-keys.ts';

const secret = randomBytes(32);
const master = createMasterKey(Buffer.from(secret));
const keys = masterKeyRing(master);

async function withEncryptedStore(body: (scene: Scene) => Promise<void>): Promise<void> {
  await withStore(body, keys);
}

function withKeys({ objects }: Scene, other: MasterKeys): Promise<BackupStore> {
  return openBackupStore(objects, { create: false, segmentBytes: 64 * 1024, keys: other });
}

async function manifestOf(store: BackupStore, linkId: string): Promise<LinkManifest> {
  const manifest = await store.readLinkManifest(linkId);
  assert.ok(manifest !== undefined);
  return manifest;
}

async function segmentsOf(store: BackupStore, manifest: LinkManifest): Promise<SegmentEntry[]> {
  const found: SegmentEntry[] = [];
  for await (const entries of store.openLinkIndex(manifest))
    found.push(...entries.filter((entry) => entry.type === 'segment'));
  return found;
}

describe('an encrypted link', () => {
  test('is the same image to who has the key, whatever the diff', async () => {
    await fc.assert(
      fc.asyncProperty(validRecords, chunkSizes, async (records, sizes) => {
        await withEncryptedStore(async ({ store }) => {
          const from = records.find((record) => record.type === 'from-snap')?.name;
          const to = records.find((record) => record.type === 'to-snap')?.name ?? '';
          const header = sampleHeader({
            ...(from === undefined ? {} : { from }),
            toSnapshot: { name: to, id: 4 },
          });
          const bytes = Buffer.concat([...writeDiff(records)]);
          const manifest = await store.writeLink({
            header,
            stream: streamOf(cutInto(bytes, sizes)),
            exported: Promise.resolve(),
          });
          const again = await collectRecords(streamOf([await read(store, header.linkId)]));
          assert.ok(applyRecords(again).equals(applyRecords(records)));
          await store.checkLink(header.linkId);
          assert.equal((await store.inspectLink(manifest)).damageCount, 0);
        });
      }),
      { numRuns: 15 },
    );
  });

  test('shows neither content nor key in anything that is stored (I10)', async () => {
    await withEncryptedStore(async ({ root, store }) => {
      const header = sampleHeader();
      const text = Buffer.alloc(100_000, 'a secret of the tenant ');
      await write(store, header, sampleStream(header, [{ type: 'write', offset: 0, data: text }]));
      const folder = join(root, 'links', header.linkId);
      for (const name of ['segments/00000000.zst', 'index.zst', 'manifest.json']) {
        const bytes = await readFile(join(folder, name));
        for (const needle of [
          'secret of',
          'rbd diff',
          'emberkeep index',
          secret.toString('hex'),
          secret.toString('base64'),
        ])
          assert.equal(bytes.includes(needle), false, `${needle} in ${name}`);
        assert.equal(bytes.includes(secret), false);
        if (name !== 'manifest.json')
          assert.equal(bytes.includes(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])), false, 'a zstd frame');
      }
      const { codec } = await manifestOf(store, header.linkId);
      assert.ok(codec.encryption !== 'none');
      assert.equal(codec.encryption.dataKeys[0]?.wrapped[0]?.masterKeyId, master.id);
    });
  });

  test('that is written again has another data key', async () => {
    await withEncryptedStore(async ({ store }) => {
      const header = sampleHeader();
      await write(store, header);
      const first = await manifestOf(store, header.linkId);
      await store.removeLink(header.linkId);
      await write(store, header);
      const second = await manifestOf(store, header.linkId);
      assert.notDeepEqual(second.codec, first.codec);
      assert.notEqual(second.index.sha256, first.index.sha256);
    });
  });

  test('without a key or with a wrong one is never damaged (I8): STORE_NO_KEY from whatever reads it', async () => {
    await withEncryptedStore(async (scene) => {
      const header = sampleHeader();
      await write(scene.store, header);
      const [entry] = await segmentsOf(scene.store, await manifestOf(scene.store, header.linkId));
      assert.ok(entry !== undefined);
      for (const other of [noMasterKeys, masterKeyRing(createMasterKey(randomBytes(32)))]) {
        const store = await withKeys(scene, other);
        const manifest = await manifestOf(store, header.linkId);
        const noKey = { code: 'STORE_NO_KEY', retryable: false };
        await assert.rejects(store.checkLink(header.linkId), noKey);
        await assert.rejects(read(store, header.linkId), noKey);
        await assert.rejects(store.readLinkSegment(manifest, entry), noKey);
        await assert.rejects(store.inspectLink(manifest), noKey);
      }
      const old = await withKeys(scene, masterKeyRing(undefined, [createMasterKey(Buffer.from(secret))]));
      assert.equal((await old.inspectLink(await manifestOf(old, header.linkId))).damageCount, 0);
    });
  });

  test('may stand on one that is not encrypted, and the other way round', async () => {
    await withEncryptedStore(async (scene) => {
      const plainStore = await withKeys(scene, masterKeyRing(undefined, keys.all));
      const links: string[] = [];
      for (const store of [plainStore, scene.store, plainStore]) {
        const header = sampleHeader();
        await write(store, header);
        links.push(header.linkId);
      }
      const encryption = [];
      for (const linkId of links) {
        assert.ok((await read(plainStore, linkId)).equals(await read(scene.store, linkId)));
        encryption.push((await manifestOf(scene.store, linkId)).codec.encryption === 'none');
      }
      assert.deepEqual(encryption, [true, false, true]);
    });
  });
});

describe('what others did to an encrypted link is found, even with all hashes made right', () => {
  /** Many extents, so that the index has several frames. */
  const many: DiffRecord[] = Array.from({ length: 400_000 }, (_, index) => ({
    type: 'write',
    offset: index * 4097,
    data: Buffer.of(1),
  }));

  test('segments swapped, and a segment of another link', async () => {
    await withEncryptedStore(async (scene) => {
      const { root, store } = scene;
      const [one, other] = [sampleHeader(), sampleHeader()];
      const bytes = sampleStream(one, [{ type: 'write', offset: 0, data: noise(190_000) }]);
      await write(store, one, bytes);
      await write(store, other, bytes);
      const path = (linkId: string, number: number): string => join(root, segmentKey(linkId, number));
      const manifest = await manifestOf(store, one.linkId);
      const entries = await segmentsOf(store, manifest);
      const second = entries[1];
      assert.ok(second !== undefined && entries[2] !== undefined);
      for (const source of [path(one.linkId, 2), path(other.linkId, 1)]) {
        const stored = await readFile(source);
        await writeFile(path(one.linkId, 1), stored);
        const damaged = { code: 'INTEGRITY_SEGMENT_DAMAGED' };
        await assert.rejects(store.readLinkSegment(manifest, second), damaged);
        // As if the index said so too: only the seal is left to tell.
        const forged = { ...second, storedBytes: stored.length, sha256: sha256(stored) };
        await assert.rejects(store.readLinkSegment(manifest, forged), {
          ...damaged,
          message: /it cannot be decrypted/,
        });
        await assert.rejects(store.readLinkSegment(manifest, { ...forged, dataKey: 0 }), damaged);
        await assert.rejects(store.readLinkSegment(manifest, { ...forged, dataKey: 2 }), damaged);
      }
    });
  });

  test('an index with a frame less, and with two frames exchanged', async () => {
    await withEncryptedStore(async ({ root, store }) => {
      const header = sampleHeader();
      await write(store, header, sampleStream(header, many, 2 ** 31));
      const manifest = await manifestOf(store, header.linkId);
      assert.equal((await store.inspectLink(manifest)).damageCount, 0);
      const stored = await readFile(join(root, indexKey(header.linkId)));
      const frames: Buffer[] = [];
      for (let at = 0; at < stored.length; at += 12 + stored.readUInt32LE(at + 8))
        frames.push(stored.subarray(at, at + 12 + stored.readUInt32LE(at + 8)));
      assert.ok(frames.length >= 2);
      for (const forged of [
        frames.slice(0, -1),
        [frames[1]!, frames[0]!, ...frames.slice(2)],
        frames.slice(1),
      ]) {
        const bytes = Buffer.concat(forged);
        await writeFile(join(root, indexKey(header.linkId)), bytes);
        const index = { ...manifest.index, storedBytes: bytes.length, sha256: sha256(bytes).toString('hex') };
        await writeFile(join(root, linkManifestKey(header.linkId)), encodeManifest({ ...manifest, index }));
        await assert.rejects(store.checkLink(header.linkId), { code: /^INTEGRITY_INDEX_/ });
      }
    });
  });

  test('the whole link under the id of another', async () => {
    await withEncryptedStore(async ({ root, store }) => {
      const [one, other] = [sampleHeader(), sampleHeader()];
      await write(store, one);
      await write(store, other);
      await store.removeLink(one.linkId);
      await rename(join(root, 'links', other.linkId), join(root, 'links', one.linkId));
      const manifest = { ...(await manifestOf(store, one.linkId).catch(() => undefined)) };
      assert.deepEqual(manifest, {}, 'the manifest tells already');
      const stolen = JSON.parse(
        await readFile(join(root, linkManifestKey(one.linkId)), 'utf8'),
      ) as LinkManifest;
      const forged = { ...stolen, linkId: one.linkId, chainId: one.linkId };
      await writeFile(join(root, linkManifestKey(one.linkId)), encodeManifest(forged));
      await assert.rejects(store.checkLink(one.linkId), { code: 'INTEGRITY_DATA_KEY_DAMAGED' });
    });
  });
});

describe('a segment copied into another link', () => {
  test('reads the same there, whichever of the two is encrypted, and is not compressed again', async () => {
    await withEncryptedStore(async (scene) => {
      const plainStore = await withKeys(scene, masterKeyRing(undefined, keys.all));
      for (const from of [plainStore, scene.store]) {
        const header = sampleHeader();
        await write(from, header, sampleStream(header, data));
        const manifest = await manifestOf(from, header.linkId);
        const entry = (await segmentsOf(from, manifest))[1];
        assert.ok(entry !== undefined);
        const plain = await from.readLinkSegment(manifest, entry);
        const compressed = entry.storedBytes - (entry.dataKey === 0 ? 0 : 16);
        for (const encrypt of [false, true]) {
          const identity = { linkId: sampleHeader().linkId, pointId: header.pointId };
          const made = encrypt ? createLinkSealing(identity, master) : undefined;
          const stored = await copySegment(
            scene.objects,
            { from: { manifest, entry }, to: { linkId: identity.linkId, number: 7, sealing: made?.sealing } },
            keys,
          );
          assert.equal(stored.storedBytes, compressed + (encrypt ? 16 : 0));
          const codec = { compression: 'zstd', encryption: made?.encryption ?? 'none' } as const;
          const copy = { ...entry, ...stored, number: 7 };
          const again = await scene.store.readLinkSegment({ ...manifest, ...identity, codec }, copy);
          assert.ok(again.equals(plain));
          assert.deepEqual(await readdir(join(scene.root, 'links', identity.linkId, 'segments')), [
            '00000007.zst',
          ]);
        }
        assert.ok((await from.readLinkSegment(manifest, entry)).equals(plain), 'the old one stays');
      }
    });
  });

  test('is not made of a damaged one', async () => {
    await withEncryptedStore(async ({ root, objects, store }) => {
      const header = sampleHeader();
      await write(store, header);
      const manifest = await manifestOf(store, header.linkId);
      const entry = (await segmentsOf(store, manifest))[0];
      assert.ok(entry !== undefined);
      const path = join(root, segmentKey(header.linkId, 0));
      const bytes = await readFile(path);
      bytes[50]! ^= 1;
      await writeFile(path, bytes);
      const to = { linkId: sampleHeader().linkId, number: 0, sealing: undefined };
      await assert.rejects(copySegment(objects, { from: { manifest, entry }, to }, keys), {
        code: 'INTEGRITY_SEGMENT_DAMAGED',
      });
      assert.equal(await objects.stat(segmentKey(to.linkId, 0)), undefined);
    });
  });
});
