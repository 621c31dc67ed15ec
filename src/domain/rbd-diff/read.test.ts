import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { chunkSizes, cutInto, streamOf, validRecords } from '../../../test/fuzz/diff-arbitraries.ts';
import { AppError } from '../../base/errors.ts';
import { collectRecords, readDiff } from './read.ts';
import type { DiffRecord } from './records.ts';
import { writeDiff } from './write.ts';

const golden = new URL('../../../test/fixtures/rbd-diff/', import.meta.url);

async function recordsOf(bytes: Buffer, sizes: number[] = [bytes.length]): Promise<DiffRecord[]> {
  return await collectRecords(streamOf(cutInto(bytes, sizes)));
}

/** Header records as they are, data records as type, offset and length. */
function outline(records: DiffRecord[]): unknown[] {
  return records.map((record) => {
    if (record.type === 'write') return ['w', record.offset, record.data.length];
    if (record.type === 'zero') return ['z', record.offset, record.length];
    return record.type === 'image-size' ? ['s', record.sizeBytes] : [record.type, record.name];
  });
}

describe('streams that rbd wrote', () => {
  const size = 16 * 1024 * 1024;
  const expected: Record<string, unknown[]> = {
    full: [
      ['to-snap', 'one'],
      ['s', size],
      ['w', 0, 6000],
      ['w', 4194304, 8192],
      ['w', 8388608, 8192],
    ],
    increment: [
      ['from-snap', 'one'],
      ['to-snap', 'two'],
      ['s', size],
      ['w', 4096, 4096],
      ['w', 12582912, 69632],
    ],
    discard: [
      ['from-snap', 'two'],
      ['to-snap', 'three'],
      ['s', size],
      ['z', 4194304, 8192],
    ],
    empty: [
      ['from-snap', 'three'],
      ['to-snap', 'four'],
      ['s', size],
    ],
    grown: [
      ['from-snap', 'four'],
      ['to-snap', 'five'],
      ['s', 25165824],
      ['w', 20971520, 4096],
    ],
    shrunk: [
      ['from-snap', 'five'],
      ['to-snap', 'six'],
      ['s', 6291456],
    ],
    clone: [
      ['to-snap', 'one'],
      ['s', size],
      ['w', 0, 12288],
      ['w', 4194304, 8192],
      ['w', 8388608, 8192],
      ['w', 12582912, 69632],
    ],
  };
  for (const [name, records] of Object.entries(expected)) {
    test(`${name}.rbdiff is read, and written again byte for byte`, async () => {
      const bytes = await readFile(new URL(`${name}.rbdiff`, golden));
      const found = await recordsOf(bytes, [1000]);
      assert.deepEqual(outline(found), records);
      assert.ok(Buffer.concat([...writeDiff(found)]).equals(bytes));
    });
  }
});

test('any records survive writing and reading in any chunks', async () => {
  await fc.assert(
    fc.asyncProperty(validRecords, chunkSizes, async (records, sizes) => {
      const bytes = Buffer.concat([...writeDiff(records)]);
      assert.deepEqual(await recordsOf(bytes, sizes), records);
    }),
  );
});

test('every proper prefix of a stream is refused as truncated, wherever it is cut (I2)', async () => {
  const bytes = await readFile(new URL('discard.rbdiff', golden));
  for (let length = 0; length < bytes.length; length++) {
    await assert.rejects(recordsOf(bytes.subarray(0, length), [7]), { code: 'INTEGRITY_DIFF_TRUNCATED' });
  }
});

test('a byte inserted, removed or flipped in the structure never passes for the same records', async () => {
  await fc.assert(
    fc.asyncProperty(
      validRecords,
      chunkSizes,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom('insert', 'remove', 'flip'),
      async (records, sizes, where, value, change) => {
        const bytes = Buffer.concat([...writeDiff(records)]);
        const at = where % bytes.length;
        const changed =
          change === 'insert'
            ? Buffer.concat([bytes.subarray(0, at), Buffer.of(value), bytes.subarray(at)])
            : change === 'remove'
              ? Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
              : Buffer.concat([bytes.subarray(0, at), Buffer.of(bytes[at]! ^ value), bytes.subarray(at + 1)]);
        try {
          const found = await recordsOf(changed, sizes);
          assert.notDeepEqual(found, records);
          assert.ok(Buffer.concat([...writeDiff(found)]).equals(changed), 'what is accepted is understood');
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          assert.match(error.code, /^INTEGRITY_DIFF_/);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test('a write record is never held whole: its data comes as the chunks come', async () => {
  const piece = Buffer.alloc(64 * 1024, 1);
  const [banner, size] = [...writeDiff([{ type: 'image-size', sizeBytes: 2 ** 40 }])];
  assert.ok(banner !== undefined && size !== undefined);
  const header = Buffer.alloc(17);
  header[0] = 0x77;
  header.writeBigUInt64LE(64n * 65536n, 9);
  const chunks = [banner, size, header, ...Array.from({ length: 64 }, () => piece), Buffer.from('e')];
  let batches = 0;
  for await (const events of readDiff(streamOf(chunks))) {
    batches += 1;
    for (const event of events) if (event.type === 'data') assert.equal(event.bytes.length, piece.length);
  }
  assert.equal(batches, 67);
});
