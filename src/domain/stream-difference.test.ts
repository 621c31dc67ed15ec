import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { applyDiff } from '../../test/histories/apply-diff.ts';
import { AppError } from '../base/errors.ts';
import { collectRecords } from './rbd-diff/read.ts';
import { blockBytes, type DiffRecord } from './rbd-diff/records.ts';
import { writeDiff } from './rbd-diff/write.ts';
import { differenceStream } from './stream-difference.ts';

const blocks = 24;

/** Blocks of one byte value each, many of them zeros and many the same in both images. */
const image: fc.Arbitrary<Buffer> = fc
  .array(fc.constantFrom(0, 0, 0, 1, 1, 2), { minLength: 1, maxLength: blocks })
  .map((values) => Buffer.concat(values.map((value) => Buffer.alloc(blockBytes, value))));
/** Bytes here and there, so that blocks differ in part of them only, and where records may be cut. */
const places = fc.array(fc.integer({ min: 0, max: blocks * blockBytes - 1 }), { maxLength: 10 });

function recordsOf(content: Buffer, cuts: readonly number[]): DiffRecord[] {
  const bounds = [...new Set([0, ...cuts.filter((at) => at < content.length), content.length])].toSorted(
    (a, b) => a - b,
  );
  return bounds.slice(0, -1).flatMap((offset, index): DiffRecord[] => {
    const data = content.subarray(offset, bounds[index + 1]);
    return data.every((byte) => byte === 0) && index % 2 === 0 ? [] : [{ type: 'write', offset, data }];
  });
}

/** Every chunk's memory is used again for the next, as the exporter's reader does. */
async function* streamOf(content: Buffer, cuts: readonly number[] = []): AsyncGenerator<Buffer> {
  const size: DiffRecord = { type: 'image-size', sizeBytes: content.length };
  const all = Buffer.concat([...writeDiff([size, ...recordsOf(content, cuts)])]);
  const memory = Buffer.alloc(5000);
  for (let at = 0; at < all.length; at += memory.length) {
    const length = all.copy(memory, 0, at, at + memory.length);
    yield await Promise.resolve(memory.subarray(0, length));
  }
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}

function resized(content: Buffer, sizeBytes: number): Buffer {
  const result = Buffer.alloc(sizeBytes);
  content.copy(result);
  return result;
}

describe('the difference of two streams', () => {
  it('I9: makes the second of the first, and of any mixture of both, and names no block that is equal', async () => {
    await fc.assert(
      fc.asyncProperty(
        image,
        image,
        places,
        places,
        places,
        fc.nat(),
        async (one, two, bytes, cuts, mixed, grow) => {
          for (const at of bytes) if (at < two.length) two[at] = 7;
          const sizeBytes = two.length + (grow % 3) * blockBytes;
          const stream = await collect(
            differenceStream(streamOf(one, cuts), streamOf(two, mixed), { sizeBytes }),
          );
          const expected = resized(two, sizeBytes);
          const mixture = Buffer.from(one);
          for (const at of mixed) if (at < Math.min(one.length, two.length)) mixture[at] = two[at] ?? 0;
          for (const begun of [one, mixture])
            assert.deepEqual(await applyDiff(begun, chunksOf(stream)), expected);
          const had = resized(one, sizeBytes);
          for (const record of await collectRecords(chunksOf(stream))) {
            if (record.type !== 'write' && record.type !== 'zero') continue;
            const length = record.type === 'write' ? record.data.length : record.length;
            assert.notDeepEqual(
              had.subarray(record.offset, record.offset + length),
              expected.subarray(record.offset, record.offset + length),
            );
          }
        },
      ),
    );
  });

  it('joins neighbours: zeros to whole ranges, data to records of no more than a chunk', async () => {
    const mib = 1024 * 1024;
    const [full, empty] = [Buffer.alloc(20 * mib, 1), Buffer.alloc(20 * mib)];
    const sizeBytes = full.length;
    const zeroing = chunksOf(await collect(differenceStream(streamOf(full), streamOf(empty), { sizeBytes })));
    assert.deepEqual((await collectRecords(zeroing)).slice(1), [
      { type: 'zero', offset: 0, length: sizeBytes },
    ]);
    let told = { written: 0, zeroed: 0 };
    const onDifference = (bytes: typeof told): void => void (told = bytes);
    const stream = differenceStream(streamOf(empty), streamOf(full), { sizeBytes, onDifference });
    const filling = await collect(stream);
    assert.deepEqual(told, { written: sizeBytes, zeroed: 0 });
    assert.ok(filling.length < sizeBytes + 1000, `${filling.length}`);
    assert.ok(full.equals(await applyDiff(empty, chunksOf(filling))));
  });

  it('tells how far it is, up to the end', async () => {
    const [sizeBytes, told] = [4 * 1024 * 1024, [] as number[]];
    const have = Buffer.alloc(sizeBytes, 1);
    const want = Buffer.concat([Buffer.alloc(3 * 1024 * 1024, 2), Buffer.alloc(1024 * 1024)]);
    const onPosition = (offset: number): void => void told.push(offset);
    await collect(differenceStream(streamOf(have), streamOf(want), { sizeBytes, onPosition }));
    assert.ok(told.length > 100, `${told.length}`);
    assert.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
    assert.equal(told.at(-1), sizeBytes);
  });

  it('leaves out what is behind a smaller end, which the resize removes', async () => {
    const have = Buffer.alloc(3 * blockBytes, 1);
    const want = Buffer.alloc(blockBytes, 1);
    const stream = differenceStream(streamOf(have), streamOf(want), { sizeBytes: blockBytes });
    assert.deepEqual(await collectRecords(stream), [{ type: 'image-size', sizeBytes: blockBytes }]);
  });

  it('I2: throws for a stream that is cut off, and gives out no end', async () => {
    const whole = await collect(streamOf(Buffer.alloc(4 * blockBytes, 1)));
    for (const side of ['have', 'want'] as const) {
      const cut = chunksOf(whole.subarray(0, -5));
      const other = streamOf(Buffer.alloc(blockBytes, 2));
      const [have, want] = side === 'have' ? [cut, other] : [other, cut];
      const given: Buffer[] = [];
      await assert.rejects(
        async () => {
          for await (const chunk of differenceStream(have, want, { sizeBytes: 4 * blockBytes }))
            given.push(Buffer.from(chunk));
        },
        (error) => error instanceof AppError && error.code === 'INTEGRITY_DIFF_TRUNCATED',
      );
      await assert.rejects(collectRecords(chunksOf(Buffer.concat(given))));
    }
  });
});
