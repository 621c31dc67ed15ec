/** A flattened chain against the imports in order of the same chain, and both against the image that was backed up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DiffParser } from '../../src/domain/rbd-diff/diff-parser.ts';
import { readChainStream, type LinkSource } from '../../src/drivers/store/chain-reader.ts';
import { applyDiff } from './apply-diff.ts';
import { changes } from './history-arbitraries.ts';
import { HistoryScene } from './history-scene.ts';

const history = fc.array(changes, { minLength: 1, maxLength: 5 });

test('a flattened chain is the image, and so are its links imported in order', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (backups) => {
      const scene = await HistoryScene.open();
      for (const before of backups) {
        scene.change(before);
        await scene.backUp();
      }
      for (const { pointId, bytes } of scene.points) {
        const chain = await scene.chainOf(pointId);
        const flat = await applyDiff(Buffer.alloc(0), scene.store.openChainStream(chain));
        assert.ok(flat.equals(bytes), 'flattened');
        let inOrder: Buffer = Buffer.alloc(0);
        for (const link of chain) inOrder = await applyDiff(inOrder, scene.store.openLinkStream(link));
        assert.ok(inOrder.equals(bytes), 'in order');
      }
    }),
    { numRuns: 300 },
  );
});

test('what a chain would cost is told by its indexes: the segments fetched, and the live bytes', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (backups) => {
      const scene = await HistoryScene.open();
      for (const before of backups) {
        scene.change(before);
        await scene.backUp();
      }
      const { store } = scene;
      for (const { pointId } of scene.points) {
        const chain = await scene.chainOf(pointId);
        const found = { storedBytes: 0, dataBytes: 0 };
        const counting: LinkSource = {
          openLinkIndex: (link) => store.openLinkIndex(link),
          readLinkSegment: async (link, segment) => {
            found.storedBytes += segment.storedBytes;
            return await store.readLinkSegment(link, segment);
          },
        };
        const parser = new DiffParser({
          header: () => undefined,
          write: (_, length) => void (found.dataBytes += length),
          data: () => undefined,
          zero: () => undefined,
          end: () => undefined,
        });
        for await (const chunk of readChainStream(counting, chain)) parser.push(chunk);
        assert.deepEqual(await store.measureChain(chain), found);
      }
    }),
    { numRuns: 100 },
  );
});

test('any ranges of any point are what the image held there', async () => {
  // Ascending: each begins so many bytes after the end of the one before.
  const range = fc.tuple(fc.nat(60_000), fc.nat(50_000));
  await fc.assert(
    fc.asyncProperty(history, fc.array(range, { maxLength: 4 }), async (backups, ranges) => {
      const scene = await HistoryScene.open();
      for (const before of backups) {
        scene.change(before);
        await scene.backUp();
      }
      for (const { pointId, bytes } of scene.points.slice(-2)) {
        const chain = await scene.chainOf(pointId);
        const wanted: { offset: number; length: number }[] = [];
        let end = 0;
        for (const [gap, length] of ranges) {
          wanted.push({ offset: end + gap, length });
          end += gap + length;
        }
        const found = await Array.fromAsync(scene.store.readChain(chain, wanted));
        const expected = wanted.map(({ offset, length }) => bytes.subarray(offset, offset + length));
        assert.deepEqual(found, expected);
      }
    }),
    { numRuns: 100 },
  );
});

test('each live byte is in the stream once, and no zero', async () => {
  const scene = await HistoryScene.open();
  const rewrite = [{ type: 'write' as const, offset: 4096, length: 30_000, seed: 1 }];
  for (let turn = 0; turn < 4; turn++) {
    scene.change(rewrite);
    await scene.backUp();
  }
  scene.change([{ type: 'discard', offset: 8192, length: 4096 }]);
  await scene.backUp();
  const chain = await scene.chainOf(scene.points.at(-1)?.pointId ?? '');
  let data = 0;
  let zeros = 0;
  const parser = new DiffParser({
    header: () => undefined,
    write: (_, length) => (data += length),
    data: () => undefined,
    zero: (_, length) => (zeros += length),
    end: () => undefined,
  });
  for await (const chunk of scene.store.openChainStream(chain)) parser.push(chunk);
  parser.finish();
  assert.equal(zeros, 0);
  // Whole blocks of 512 bytes, as the model exports them, without the discarded ones.
  assert.equal(data, Math.ceil(34_096 / 512) * 512 - 4096 - 4096);
});

test('links that do not stand on each other are refused', async () => {
  const scene = await HistoryScene.open();
  for (let turn = 0; turn < 3; turn++) await scene.backUp();
  const chain = await scene.chainOf(scene.points.at(-1)?.pointId ?? '');
  for (const wrong of [[], chain.slice(1), chain.filter((_, at) => at !== 1)])
    await assert.rejects(scene.store.openChainStream(wrong)[Symbol.asyncIterator]().next(), {
      code: 'INTEGRITY_CHAIN',
    });
});
