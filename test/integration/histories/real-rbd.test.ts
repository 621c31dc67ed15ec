/**
 * The histories of test/histories with real images: what `rbd export-diff` says goes through store, fold and flattening
 * and comes back by `rbd import-diff`, whose own import of all links in order is the yardstick.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { newId } from '../../../src/base/ids.ts';
import type { LinkManifest } from '../../../src/domain/manifest.ts';
import { createRbd, type Rbd } from '../../../src/drivers/ceph/rbd.ts';
import { openBackupStore, type BackupStore } from '../../../src/drivers/store/backup-store.ts';
import { FilesystemStore } from '../../../src/drivers/store/filesystem-store.ts';
import { sampleHeader } from '../../contract/store-samples.ts';
import { devcloud } from '../../support/devcloud.ts';
import {
  changeImage,
  createImage,
  createSnapshot,
  imageSha256,
  removeImage,
  type ImageChange,
} from '../../support/rbd-image.ts';

/** CI runs 50 (.ci/run). */
const histories = Number(process.env['EMBERKEEP_RBD_HISTORIES'] ?? '10');
const seed = Number(process.env['EMBERKEEP_TEST_SEED'] ?? String(Date.now() % 1e9));
const pool = 'backups';
const kib = 1024;
const objectOrder = 18;
const objectBytes = 2 ** objectOrder;
const maxBytes = 8 * objectBytes;

const offset = fc.integer({ min: 0, max: maxBytes / 512 - 1 }).map((sector) => sector * 512);
const length = fc.oneof(
  fc.integer({ min: 1, max: 40 }).map((sectors) => sectors * 512),
  fc.constantFrom(4 * kib, 64 * kib, objectBytes, 3 * objectBytes),
);
const change: fc.Arbitrary<ImageChange> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write'),
      offset,
      length,
      seed: fc.integer({ min: 0, max: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('discard'), offset, length }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('resize'),
      sizeBytes: fc.integer({ min: 1, max: maxBytes / 512 }).map((sectors) => sectors * 512),
    }),
  },
);
const history = fc.record({
  backups: fc.array(fc.array(change, { maxLength: 6 }), { minLength: 2, maxLength: 4 }),
  /** Which links are folded into the next one. */
  fold: fc.option(fc.record({ from: fc.nat(), count: fc.integer({ min: 2, max: 4 }) })),
});

let rbd: Rbd;
let root: string;
let store: BackupStore;

before(async () => {
  const { cephConf, keyring } = devcloud();
  rbd = createRbd([{ name: 'main', confPath: cephConf, user: 'admin', keyringPath: keyring }]);
  root = await mkdtemp(join(tmpdir(), 'ek-histories-'));
  store = await openBackupStore(await FilesystemStore.open(root), {
    create: true,
    segmentBytes: 64 * kib,
  });
});
after(() => rm(root, { recursive: true }));

test(`real images restore to what they were, seed ${seed}`, { timeout: 1_500_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ backups, fold }) => {
      const image = `ek-history-${newId()}`;
      await createImage(`${pool}/${image}`, maxBytes / 2, { objectOrder });
      try {
        const { chain, hashes } = await backUpAll(image, backups);
        for (const at of new Set([0, Math.floor(chain.length / 2), chain.length - 1])) {
          const links = chain.slice(0, at + 1);
          assert.equal(await restored(links, 'flat'), hashes[at], `flattened, point ${at}`);
        }
        assert.equal(await restored(chain, 'in order'), hashes.at(-1), 'in order');
        if (fold === null) return;
        const folded = await folding(chain, fold);
        assert.equal(await restored(folded, 'flat'), hashes.at(-1), 'folded, flattened');
        assert.equal(await restored(folded, 'in order'), hashes.at(-1), 'folded, in order');
      } finally {
        await removeImage(`${pool}/${image}`);
      }
    }),
    { numRuns: histories, seed, endOnFailure: true },
  );
});

async function backUpAll(
  image: string,
  backups: readonly ImageChange[][],
): Promise<{ chain: LinkManifest[]; hashes: string[] }> {
  const spec = `${pool}/${image}`;
  const chain: LinkManifest[] = [];
  const hashes: string[] = [];
  for (const changes of backups) {
    await changeImage(spec, changes, { clip: true });
    const linkId = newId();
    const snapshot = `s-${linkId}`;
    await createSnapshot(spec, snapshot);
    hashes.push(await imageSha256(`${spec}@${snapshot}`));
    const parent = chain.at(-1);
    const increment = parent && {
      kind: 'increment' as const,
      chainId: parent.chainId,
      parentLinkId: parent.linkId,
      depth: parent.depth + 1,
      fullReason: null,
      fromSnapshot: parent.toSnapshot,
    };
    const header = sampleHeader({
      linkId,
      toSnapshot: { name: snapshot, id: chain.length + 1 },
      ...increment,
    });
    const at = { cluster: 'main', pool, image };
    const fromSnapshot = parent?.toSnapshot.name;
    const { chunks, exited } = await rbd.exportDiff(at, { snapshot, fromSnapshot });
    chain.push(await store.writeLink({ header, stream: chunks, exported: exited }));
  }
  return { chain, hashes };
}

async function folding(
  chain: readonly LinkManifest[],
  { from, count }: { from: number; count: number },
): Promise<LinkManifest[]> {
  const start = from % (chain.length - 1);
  const end = Math.min(chain.length, start + count);
  const folded = await store.foldLinks({ links: chain.slice(start, end), linkId: newId() });
  const [next, ...rest] = chain.slice(end);
  return [
    ...chain.slice(0, start),
    folded,
    ...(next === undefined ? [] : [{ ...next, parentLinkId: folded.linkId }]),
    ...rest,
  ];
}

async function restored(chain: readonly LinkManifest[], how: 'flat' | 'in order'): Promise<string> {
  const image = `ek-restored-${newId()}`;
  const at = { cluster: 'main', pool, image };
  await createImage(`${pool}/${image}`, 0, { objectOrder });
  try {
    if (how === 'flat') await rbd.importDiff(at, store.openChainStream(chain));
    else for (const link of chain) await rbd.importDiff(at, store.openLinkStream(link));
    return await imageSha256(`${pool}/${image}`);
  } finally {
    await removeImage(`${pool}/${image}`);
  }
}
