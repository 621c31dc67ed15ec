import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IndexEntry, SegmentEntry } from '../link-index/entries.ts';
import type { Layer, LivePiece } from './layers.ts';
import { overlay } from './overlay.ts';

const imageBytes = 48;

interface Extent {
  offset: number;
  length: number;
  isZero: boolean;
}

interface Link {
  sizeBytes: number;
  extents: Extent[];
  /** How many entries come at once. */
  batch: number;
}

const link: fc.Arbitrary<Link> = fc
  .record({
    sizeBytes: fc.integer({ min: 1, max: imageBytes }),
    parts: fc.array(
      fc.record({
        gap: fc.nat(9),
        length: fc.integer({ min: 1, max: 9 }),
        isZero: fc.boolean(),
      }),
      { maxLength: 6 },
    ),
    batch: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ sizeBytes, parts, batch }) => {
    const extents: Extent[] = [];
    let at = 0;
    for (const { gap, length, isZero } of parts) {
      const offset = at + gap;
      at = offset + length;
      if (at <= sizeBytes) extents.push({ offset, length, isZero });
    }
    return { sizeBytes, extents, batch };
  });

/** Every data extent in a segment of its own, at a position that differs from the offset. */
function entriesOf({ extents }: Link): IndexEntry[] {
  return extents.flatMap((extent, number): IndexEntry[] => {
    if (extent.isZero) return [{ type: 'zero', offset: extent.offset, length: extent.length }];
    const segment: SegmentEntry = {
      type: 'segment',
      number,
      plainBytes: 100,
      storedBytes: 1,
      dataKey: 0,
      sha256: Buffer.alloc(32),
    };
    return [
      segment,
      { type: 'data', offset: extent.offset, length: extent.length, position: 7 + extent.offset },
    ];
  });
}

function layerOf(one: Link): Layer {
  const entries = entriesOf(one);
  // eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
  async function* batches(): AsyncGenerator<IndexEntry[]> {
    for (let at = 0; at < entries.length; at += one.batch) yield entries.slice(at, at + one.batch);
  }
  return { entries: batches(), sizeBytes: one.sizeBytes };
}

async function piecesOf(links: Link[]): Promise<LivePiece[]> {
  const pieces: LivePiece[] = [];
  for await (const batch of overlay(links.map(layerOf))) pieces.push(...batch);
  return pieces;
}

/** Byte by byte what imports in order leave: `layer/position`, `0`, or nothing where nobody wrote. */
function importInOrder(links: Link[]): (string | undefined)[] {
  let image: (string | undefined)[] = [];
  for (const [layer, { sizeBytes, extents }] of links.entries()) {
    const before = image.length;
    image = Array.from({ length: sizeBytes }, (_, at) => (at < before ? image[at] : undefined));
    for (const { offset, length, isZero } of extents)
      for (let at = offset; at < offset + length; at++) image[at] = isZero ? undefined : `${layer}/${7 + at}`;
  }
  return image;
}

test('the overlay is what importing all links in order leaves', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(link, { minLength: 1, maxLength: 5 }), async (links) => {
      const expected = importInOrder(links);
      const found: (string | undefined)[] = Array.from({ length: expected.length });
      for (const { offset, length, layer, position } of await piecesOf(links)) {
        for (let step = 0; step < length; step++)
          found[offset + step] = position === undefined ? undefined : `${layer}/${position + step}`;
      }
      assert.deepEqual(found, expected);
    }),
    { numRuns: 2000 },
  );
});

test('pieces ascend, do not overlap, are not empty, and end inside the newest image', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(link, { minLength: 1, maxLength: 5 }), async (links) => {
      let end = 0;
      for (const { offset, length } of await piecesOf(links)) {
        assert.ok(offset >= end && length > 0);
        end = offset + length;
      }
      assert.ok(end <= (links.at(-1)?.sizeBytes ?? 0));
    }),
  );
});

test('what a shrink cut off reads as zeros after the image grew again', async () => {
  const links: Link[] = [
    { sizeBytes: 20, extents: [{ offset: 0, length: 20, isZero: false }], batch: 4 },
    { sizeBytes: 5, extents: [], batch: 4 },
    { sizeBytes: 12, extents: [{ offset: 10, length: 2, isZero: false }], batch: 4 },
  ];
  const pieces = await piecesOf(links);
  assert.deepEqual(
    pieces.map(({ offset, length, layer, position }) => [offset, length, layer, position]),
    [
      [0, 5, 0, 7],
      [5, 5, 1, undefined],
      [10, 2, 2, 17],
    ],
  );
});

test('an end in the middle closes the layers, and what a layer throws is thrown on', async () => {
  let closed = 0;
  async function* endless(): AsyncGenerator<IndexEntry[]> {
    try {
      for (let offset = 0; ; offset += 2) yield await Promise.resolve([{ type: 'zero', offset, length: 1 }]);
    } finally {
      closed += 1;
    }
  }
  const layers = [
    { entries: endless(), sizeBytes: 1e9 },
    { entries: endless(), sizeBytes: 1e9 },
  ];
  for await (const batch of overlay(layers)) if (batch.length > 0) break;
  assert.equal(closed, 2);
  // eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
  async function* broken(): AsyncGenerator<IndexEntry[]> {
    yield [];
    throw new Error('the index is damaged');
  }
  const pieces = overlay([{ entries: broken(), sizeBytes: 10 }]);
  await assert.rejects(pieces.next(), /the index is damaged/);
});
