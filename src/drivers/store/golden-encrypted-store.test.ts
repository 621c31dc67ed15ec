import assert from 'node:assert/strict';
import { createDecipheriv, createHash } from 'node:crypto';
import { chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { zstdDecompressSync } from 'node:zlib';
import { applyRecords, streamOf } from '../../../test/fuzz/diff-arbitraries.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { collectRecords } from '../../domain/rbd-diff/read.ts';
import { openBackupStore } from './backup-store.ts';
import type { BackupStore } from './backup-store.ts';
import { FilesystemStore } from './filesystem-store.ts';
import { readMasterKeys } from './master-key-file.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/store/', import.meta.url));

/** linkId, SHA-256 of the plain stream, and of the image after it as `rbd export` gave it. */
const chain = [
  [
    'bb59c8cb-3165-4047-829b-8b741b652336',
    '8f84730df252e0e2f380cf2ef1137d5d45da539d26d5ee0abe44567965bdfd24',
    '9d446aa7a7dfda8defff11f36ec367bae90e8d4ab0635a69b24405e0a3c3920c',
  ],
  [
    'd504231c-d397-4fca-b1b4-e902171d5b9f',
    '57e9e232b17f936daf735eb52cb92c6a281782870e738ec196f728f9613bd637',
    '01e546003bde3e5b6e146dc1f146225513ae3930cc639f83f1b19083c86ba9ba',
  ],
  [
    '476f2aa4-f277-481a-abab-41a2422f08f7',
    'be0e188b8c4b81d87aa64d9b13287d1b0e678488f1edd7846d74ff73d15a06e5',
    '416b067ca3a6b806bc37b558f6b56dda551f37225b9816fe1efabd91cbd922f0',
  ],
] as const;

/** The committed store, copied, because nothing may ever write to it. */
async function withGoldenStore(
  named: { current?: string; old: string[] },
  body: (store: BackupStore) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'emberkeep-golden-'));
  try {
    await cp(join(fixtures, 'v1-encrypted'), join(root, 'store'), { recursive: true });
    await cp(join(fixtures, 'keys'), join(root, 'keys'), { recursive: true });
    const pathOf = (name: string): string => join(root, 'keys', name);
    for (const name of ['old.hex', 'current.base64']) await chmod(pathOf(name), 0o600);
    const keys = await readMasterKeys({
      keyFile: named.current === undefined ? undefined : pathOf(named.current),
      oldKeyFiles: named.old.map(pathOf),
    });
    const objects = await FilesystemStore.open(join(root, 'store'));
    await body(await openBackupStore(objects, { create: false, keys }));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function streamOfLink(store: BackupStore, linkId: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of store.openLinkStream(await store.checkLink(linkId))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('the encrypted store of format v1 in test/fixtures', () => {
  test('is found whole with its keys: streams and the images that rbd had', async () => {
    await withGoldenStore({ current: 'current.base64', old: ['old.hex'] }, async (store) => {
      assert.equal(store.storeId, 'e16a7134-904f-406f-a720-2e46790e0f5e');
      let image: Buffer = Buffer.alloc(0);
      for (const [linkId, streamSha256, imageSha256] of chain) {
        const stream = await streamOfLink(store, linkId);
        assert.equal(hashOf(stream), streamSha256);
        image = applyRecords(await collectRecords(streamOf([stream])), image);
        assert.equal(hashOf(image), imageSha256);
        assert.equal((await store.inspectLink(await store.checkLink(linkId))).damageCount, 0);
      }
    });
  });

  test('names the key that is missing', async () => {
    await withGoldenStore({ current: 'current.base64', old: [] }, async (store) => {
      await assert.rejects(store.checkLink(chain[0][0]), {
        code: 'STORE_NO_KEY',
        message: /encrypted with the master key 94b30513f57c890c \(configured: 6cdb6a0b6ee7f04b\)/,
      });
      await store.checkLink(chain[1][0]);
      await store.checkLink(chain[2][0]);
    });
  });

  test('can be read with nothing but the specification', async () => {
    const [linkId, streamSha256] = chain[0];
    const folder = join(fixtures, 'v1-encrypted/links', linkId);
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as LinkManifest;
    assert.ok(manifest.codec.encryption !== 'none');
    const master = Buffer.from((await readFile(join(fixtures, 'keys/old.hex'), 'utf8')).trim(), 'hex');
    const open = (key: Buffer, nonce: Buffer, associatedData: string, sealed: Buffer): Buffer => {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce);
      decipher.setAAD(Buffer.from(associatedData)).setAuthTag(sealed.subarray(-16));
      return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    };
    const { number, wrapped } = manifest.codec.encryption.dataKeys[0]!;
    const { nonce, wrappedKey } = wrapped[0]!;
    const dataKey = open(
      master,
      Buffer.from(nonce, 'base64'),
      `emberkeep data key 1 ${linkId} ${number}`,
      Buffer.from(wrappedKey, 'base64'),
    );
    const unseal = (purpose: 'segment' | 'index', at: number, sealed: Buffer): Buffer => {
      const iv = Buffer.alloc(12);
      iv[0] = purpose === 'segment' ? 1 : 2;
      iv.writeUInt32LE(at, 4);
      const associatedData = `emberkeep-link 1 ${purpose} ${manifest.pointId} ${linkId} ${at}`;
      return zstdDecompressSync(open(dataKey, iv, associatedData, sealed));
    };
    const segments: Buffer[] = [];
    for (let at = 0; at < manifest.segments.count; at++) {
      segments.push(unseal('segment', at, await readFile(join(folder, `segments/0000000${at}.zst`))));
    }
    assert.equal(hashOf(Buffer.concat(segments)), streamSha256);
    const index = await readFile(join(folder, 'index.zst'));
    assert.equal(index.readUInt32LE(8), index.length - 12);
    assert.match(unseal('index', 0, index.subarray(12)).toString('latin1'), /^emberkeep index v1\n/);
  });
});
