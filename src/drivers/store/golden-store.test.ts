import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { applyRecords, streamOf } from '../../../test/fuzz/diff-arbitraries.ts';
import { newId } from '../../base/ids.ts';
import type { IndexEntry } from '../../domain/link-index/entries.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { collectRecords } from '../../domain/rbd-diff/read.ts';
import { openBackupStore } from './backup-store.ts';
import type { BackupStore } from './backup-store.ts';
import { FilesystemStore } from './filesystem-store.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/', import.meta.url));

/** linkId, what was exported, SHA-256 of the plain stream, and of the image after it as `rbd export` gave it. */
const chain = [
  [
    '75cc120b-61b3-493b-b0c0-e465083cba79',
    'full',
    '8f84730df252e0e2f380cf2ef1137d5d45da539d26d5ee0abe44567965bdfd24',
    '9d446aa7a7dfda8defff11f36ec367bae90e8d4ab0635a69b24405e0a3c3920c',
  ],
  [
    'fe687afb-f758-444b-af9a-153cd75e561c',
    'increment',
    '57e9e232b17f936daf735eb52cb92c6a281782870e738ec196f728f9613bd637',
    '01e546003bde3e5b6e146dc1f146225513ae3930cc639f83f1b19083c86ba9ba',
  ],
  [
    'efc80650-a1a7-41ea-a3a2-7076065c2724',
    'discard',
    'be0e188b8c4b81d87aa64d9b13287d1b0e678488f1edd7846d74ff73d15a06e5',
    '416b067ca3a6b806bc37b558f6b56dda551f37225b9816fe1efabd91cbd922f0',
  ],
] as const;

/** The committed store, copied, because nothing may ever write to it. */
async function withGoldenStore(body: (store: BackupStore) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'emberkeep-golden-'));
  try {
    await cp(join(fixtures, 'store/v1'), root, { recursive: true });
    await body(
      await openBackupStore(await FilesystemStore.open(root), { create: false, segmentBytes: 16384 }),
    );
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function streamBytes(store: BackupStore, manifest: LinkManifest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of store.openLinkStream(manifest)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function indexEntries(store: BackupStore, manifest: LinkManifest): Promise<IndexEntry[]> {
  const found: IndexEntry[] = [];
  for await (const entries of store.openLinkIndex(manifest)) found.push(...entries);
  return found;
}

describe('the store of format v1 in test/fixtures', () => {
  test('is found whole: points, links, streams, and the images that rbd had', async () => {
    await withGoldenStore(async (store) => {
      assert.equal(store.storeId, '5faadb21-0d24-4c46-9145-eff205d0b661');
      let image: Buffer = Buffer.alloc(0);
      for (const [linkId, , streamSha256, imageSha256] of chain) {
        const manifest = await store.checkLink(linkId);
        const stream = await streamBytes(store, manifest);
        assert.equal(createHash('sha256').update(stream).digest('hex'), streamSha256);
        image = applyRecords(await collectRecords(streamOf([stream])), image);
        assert.equal(createHash('sha256').update(image).digest('hex'), imageSha256);
      }
      const links = [];
      for await (const link of store.listLinks()) links.push(link);
      assert.deepEqual(
        links,
        [chain[0], chain[2], chain[1]].map(([linkId]) => ({ linkId, complete: true })),
      );
      const names = [];
      for await (const point of store.listPoints()) names.push(`${point.sourceName} ${point.takenAt}`);
      assert.deepEqual(names.sort(), [
        'web-01 2026-11-22T18:00:00.000Z',
        'web-01 2026-11-22T18:01:00.000Z',
        'web-01 2026-11-22T18:02:00.000Z',
      ]);
    });
  });

  test('is what this version writes, compressed bytes apart', async () => {
    await withGoldenStore(async (store) => {
      for (const [linkId, name] of chain) {
        const old = await store.checkLink(linkId);
        const copyId = newId();
        const copy = await store.writeLink({
          header: { ...old, linkId: copyId, chainId: old.kind === 'full' ? copyId : old.chainId },
          stream: streamOf([await readFile(join(fixtures, `rbd-diff/${name}.rbdiff`))]),
          exported: Promise.resolve(),
        });
        assert.ok((await streamBytes(store, copy)).equals(await streamBytes(store, old)));
        const stable = (entries: IndexEntry[]): unknown[] =>
          entries.map((entry) => ('sha256' in entry ? entry.plainBytes : 'totals' in entry ? 'end' : entry));
        assert.deepEqual(stable(await indexEntries(store, copy)), stable(await indexEntries(store, old)));
        assert.deepEqual(copy.content, old.content);
        assert.deepEqual(copy.source, old.source);
      }
    });
  });
});
