import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  applyRecords,
  chunkSizes,
  cutInto,
  streamOf,
  validRecords,
} from '../../../test/fuzz/diff-arbitraries.ts';
import { DiffParser } from '../rbd-diff/diff-parser.ts';
import { collectRecords } from '../rbd-diff/read.ts';
import { blockBytes } from '../rbd-diff/records.ts';
import type { DiffRecord } from '../rbd-diff/records.ts';
import { writeDiff } from '../rbd-diff/write.ts';
import { ZeroElimination } from '../rbd-diff/zeros.ts';
import { IndexDecoder } from './decode.ts';
import { encodeEnd, encodeSegment } from './encode.ts';
import { emptyTotals, indexBanner } from './entries.ts';
import type { IndexEntry } from './entries.ts';
import { SegmentPacker, minSegmentBytes } from './segment-packer.ts';
import type { PackedSegment } from './segment-packer.ts';

function pack(records: DiffRecord[], segmentBytes: number, sizes: number[] = [65536]): PackedSegment[] {
  const segments: PackedSegment[] = [];
  const packer = new SegmentPacker({
    segmentBytes,
    takeBuffer: () => Buffer.alloc(segmentBytes, 0xcc),
    onSegment: (segment) => segments.push(segment),
  });
  const parser = new DiffParser(new ZeroElimination(packer));
  for (const chunk of cutInto(Buffer.concat([...writeDiff(records)]), sizes)) parser.push(chunk);
  parser.finish();
  return segments;
}

function indexOf(segments: PackedSegment[]): Buffer {
  const totals = emptyTotals();
  const parts: Buffer[] = [indexBanner];
  for (const { plain, extents, ...counts } of segments) {
    const sha256 = createHash('sha256').update(plain).digest();
    parts.push(encodeSegment({ plainBytes: plain.length, storedBytes: 5, dataKey: 0, sha256 }), extents);
    totals.segments += 1;
    totals.plainBytes += plain.length;
    totals.storedBytes += 5;
    totals.dataExtents += counts.dataExtents;
    totals.zeroExtents += counts.zeroExtents;
    totals.dataBytes += counts.dataBytes;
    totals.zeroBytes += counts.zeroBytes;
  }
  return Buffer.concat([...parts, encodeEnd(totals)]);
}

function decode(index: Buffer, sizes: number[]): IndexEntry[] {
  const decoder = new IndexDecoder();
  const entries = cutInto(index, sizes).flatMap((chunk) => decoder.push(chunk));
  decoder.finish();
  return entries;
}

/** The data records that an index describes, read out of the segments. */
function recordsByIndex(entries: IndexEntry[], segments: PackedSegment[]): DiffRecord[] {
  const records: DiffRecord[] = [];
  let plain: Buffer = Buffer.alloc(0);
  for (const entry of entries) {
    if (entry.type === 'segment') plain = Buffer.from(segments[entry.number]!.plain);
    if (entry.type === 'zero') records.push({ type: 'zero', offset: entry.offset, length: entry.length });
    if (entry.type === 'data') {
      const data = plain.subarray(entry.position, entry.position + entry.length);
      records.push({ type: 'write', offset: entry.offset, data });
    }
  }
  return records;
}

describe('segments and index', () => {
  test('together are one valid stream of the same image, and the index says exactly what is in it', async () => {
    await fc.assert(
      fc.asyncProperty(validRecords, chunkSizes, chunkSizes, async (records, sizes, indexSizes) => {
        const segments = pack(records, minSegmentBytes, sizes);
        const stream = Buffer.concat(segments.map(({ plain }) => plain));
        const found = await collectRecords(streamOf([stream]));
        const before = Buffer.alloc(applyRecords(records).length, 0xee);
        assert.ok(applyRecords(found, before).equals(applyRecords(records, before)));
        const isData = ({ type }: DiffRecord): boolean => type === 'write' || type === 'zero';
        assert.deepEqual(
          found.filter((record) => !isData(record)),
          records.filter((record) => !isData(record)),
        );
        const entries = decode(indexOf(segments), indexSizes);
        assert.deepEqual(recordsByIndex(entries, segments), found.filter(isData));
      }),
      { numRuns: 200 },
    );
  });

  test('do not depend on how the stream was cut', () => {
    fc.assert(
      fc.property(validRecords, chunkSizes, chunkSizes, (records, one, other) => {
        const content = (sizes: number[]): Buffer[] =>
          pack(records, minSegmentBytes, sizes).map(({ plain }) => plain);
        assert.deepEqual(content(one), content(other));
      }),
      { numRuns: 50 },
    );
  });

  test('a cut in a write falls on a block of the image, and no segment is larger than allowed', () => {
    const segments = pack([{ type: 'write', offset: 1000, data: Buffer.alloc(200_000, 3) }], 20_000);
    assert.ok(segments.every(({ plain }) => plain.length <= 20_000));
    const extents = decode(indexOf(segments), [100]).filter((entry) => entry.type === 'data');
    assert.equal(extents.length, segments.length);
    for (const { offset } of extents.slice(1)) assert.equal(offset % blockBytes, 0);
  });

  test('adjacent zeros become one extent, across records, up to 1 GiB', () => {
    const gib = 1024 ** 3;
    const zero = (offset: number, length: number): DiffRecord => ({ type: 'zero', offset, length });
    const segments = pack(
      [
        zero(0, 4096),
        { type: 'write', offset: 4096, data: Buffer.alloc(8192) },
        zero(12288, 4096),
        zero(gib, gib),
        zero(2 * gib, 4096),
      ],
      minSegmentBytes,
    );
    const extents = decode(indexOf(segments), [1000]).filter((entry) => entry.type === 'zero');
    assert.deepEqual(
      extents.map(({ offset, length }) => [offset, length]),
      [
        [0, 16384],
        [gib, gib],
        [2 * gib, 4096],
      ],
    );
  });
});

describe('a damaged index', () => {
  const data = Buffer.alloc(60_000, 3).fill(0, 20_000, 40_000);
  const index = indexOf(pack([{ type: 'write', offset: 0, data }], minSegmentBytes));

  test('is refused wherever it is cut', () => {
    for (let length = 0; length < index.length; length++) {
      assert.throws(() => decode(index.subarray(0, length), [16]), { code: 'INTEGRITY_INDEX_MALFORMED' });
    }
  });

  test('is refused with bytes behind its end', () => {
    assert.throws(() => decode(Buffer.concat([index, Buffer.of(0)]), [16]), {
      code: 'INTEGRITY_INDEX_MALFORMED',
    });
  });

  test('is refused or means something else after any flip, but never breaks the decoder', () => {
    const whole = decode(index, [16]);
    for (let at = 0; at < index.length; at++) {
      for (const mask of [1, 0x10, 0x80, 0xff]) {
        const changed = Buffer.from(index);
        changed[at]! ^= mask;
        try {
          assert.notDeepEqual(decode(changed, [16]), whole);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'INTEGRITY_INDEX_MALFORMED');
        }
      }
    }
  });

  test('an extent outside its segment, an empty one and one beyond 2^53 are refused', () => {
    const segment = encodeSegment({ plainBytes: 10, storedBytes: 1, dataKey: 0, sha256: Buffer.alloc(32) });
    const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
    for (const extent of [[2, 0, 5, 6], [2, 0, 0, 0], [3, 0, 0], [3, ...huge, 1], [3, 0x80, 0x00, 1], [9]]) {
      assert.throws(() => decode(Buffer.concat([indexBanner, segment, Buffer.from(extent)]), [4096]), {
        code: 'INTEGRITY_INDEX_MALFORMED',
      });
    }
  });
});

test('an extent beyond the end of the image is refused', () => {
  const index = indexOf(pack([{ type: 'zero', offset: 0, length: 4096 }], minSegmentBytes));
  const decoder = new IndexDecoder(4095);
  assert.throws(() => decoder.push(index), { code: 'INTEGRITY_INDEX_MALFORMED' });
});

test('a segment size below the least is refused', () => {
  assert.throws(() => pack([], minSegmentBytes - 1), { code: 'INPUT_SEGMENT_SIZE' });
});
