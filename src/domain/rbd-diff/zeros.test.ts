import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyRecords, chunkSizes, cutInto, validRecords } from '../../../test/fuzz/diff-arbitraries.ts';
import { DiffParser } from './diff-parser.ts';
import { blockBytes } from './records.ts';
import type { DiffRecord } from './records.ts';
import { writeDiff } from './write.ts';
import { ZeroElimination } from './zeros.ts';

/** The extents that are left of a stream, as records. */
function eliminate(records: DiffRecord[], sizes: number[]): DiffRecord[] {
  const left: DiffRecord[] = [];
  const parser = new DiffParser(
    new ZeroElimination({
      header: (record) => left.push(record),
      boundary: () => undefined,
      data: (offset, bytes) => left.push({ type: 'write', offset, data: Buffer.from(bytes) }),
      zero: (offset, length) => left.push({ type: 'zero', offset, length }),
      end: () => undefined,
    }),
  );
  for (const chunk of cutInto(Buffer.concat([...writeDiff(records)]), sizes)) parser.push(chunk);
  parser.finish();
  return left;
}

test('the image is the same, offsets still ascend, and no aligned zero block is left in the data', () => {
  fc.assert(
    fc.property(validRecords, chunkSizes, (records, sizes) => {
      const left = eliminate(records, sizes);
      // Over an image that is not zero, so that a zero extent that goes missing shows.
      const before = Buffer.alloc(applyRecords(records).length, 0xee);
      assert.ok(applyRecords(left, before).equals(applyRecords(records, before)));
      let at = 0;
      for (const record of left) {
        if (record.type !== 'write' && record.type !== 'zero') continue;
        assert.ok(record.offset >= at);
        at = record.offset + (record.type === 'zero' ? record.length : record.data.length);
        if (record.type === 'write') assert.ok(!hasAlignedZeroBlock(record.offset, record.data));
      }
    }),
    { numRuns: 300 },
  );
});

test('data without zero blocks passes as it came', () => {
  const data = Buffer.alloc(3 * blockBytes + 100, 9);
  const left = eliminate([{ type: 'write', offset: 50, data }], [100_000]);
  assert.equal(left.length, 3);
  assert.ok(Buffer.concat(left.map((record) => (record.type === 'write' ? record.data : data))).equals(data));
});

function hasAlignedZeroBlock(offset: number, data: Buffer): boolean {
  const first = (blockBytes - (offset % blockBytes)) % blockBytes;
  for (let at = first; at + blockBytes <= data.length; at += blockBytes) {
    if (data.subarray(at, at + blockBytes).every((byte) => byte === 0)) return true;
  }
  return false;
}
