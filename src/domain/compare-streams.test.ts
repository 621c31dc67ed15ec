import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../base/errors.ts';
import { compareStreams } from './compare-streams.ts';
import type { DiffRecord } from './rbd-diff/records.ts';
import { writeDiff } from './rbd-diff/write.ts';

const imageBytes = 512;

/** How one stream shows an image: where it is cut, and what becomes of pieces that are all zeros. */
interface Telling {
  cuts: number[];
  zeros: ('write' | 'zero' | 'absent')[];
  chunkBytes: number;
}

const telling: fc.Arbitrary<Telling> = fc.record({
  cuts: fc.array(fc.integer({ min: 1, max: imageBytes - 1 }), { maxLength: 12 }),
  zeros: fc.array(fc.constantFrom('write' as const, 'zero' as const, 'absent' as const), { minLength: 1 }),
  chunkBytes: fc.integer({ min: 1, max: 700 }),
});

/** Mostly zeros, as disks are. */
const image: fc.Arbitrary<Buffer> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: imageBytes - 1 }), fc.integer({ min: 1, max: 255 })), {
    maxLength: 40,
  })
  .map((bytes) => {
    const content = Buffer.alloc(imageBytes);
    for (const [at, value] of bytes) content[at] = value;
    return content;
  });

function recordsOf(content: Buffer, { cuts, zeros }: Telling): DiffRecord[] {
  const bounds = [...new Set([0, ...cuts, content.length])].toSorted((a, b) => a - b);
  return bounds.slice(0, -1).flatMap((offset, index): DiffRecord[] => {
    const data = content.subarray(offset, bounds[index + 1]);
    const how = data.every((byte) => byte === 0) ? (zeros[index % zeros.length] ?? 'write') : 'write';
    if (how === 'write') return [{ type: 'write', offset, data }];
    return how === 'zero' ? [{ type: 'zero', offset, length: data.length }] : [];
  });
}

/** Cut anywhere, and every chunk's memory is used again for the next, as the exporter's reader does. */
async function* streamOf(
  content: Buffer,
  how: Telling,
  sizeBytes = content.length,
): AsyncGenerator<Buffer, void, undefined> {
  const header: DiffRecord[] = [
    { type: 'to-snap', name: `s${how.chunkBytes}` },
    { type: 'image-size', sizeBytes },
  ];
  const all = Buffer.concat([...writeDiff([...header, ...recordsOf(content, how)])]);
  const memory = Buffer.alloc(how.chunkBytes);
  for (let at = 0; at < all.length; at += how.chunkBytes) {
    const length = all.copy(memory, 0, at, at + how.chunkBytes);
    yield await Promise.resolve(memory.subarray(0, length));
  }
}

const simple: Telling = { cuts: [], zeros: ['write'], chunkBytes: 100 };

describe('compareStreams', () => {
  it('finds an image equal to itself, however the two streams tell of it', async () => {
    await fc.assert(
      fc.asyncProperty(image, telling, telling, async (content, left, right) => {
        assert.equal(await compareStreams(streamOf(content, left), streamOf(content, right)), undefined);
      }),
    );
  });

  it('reports the first byte that differs', async () => {
    await fc.assert(
      fc.asyncProperty(image, image, telling, telling, async (one, other, left, right) => {
        const first = one.findIndex((byte, at) => byte !== other[at]);
        const expected = first === -1 ? undefined : { what: 'bytes', offset: first };
        assert.deepEqual(await compareStreams(streamOf(one, left), streamOf(other, right)), expected);
      }),
    );
  });

  it('finds a single flipped bit, also in what one stream leaves out', async () => {
    await fc.assert(
      fc.asyncProperty(
        image,
        fc.integer({ min: 0, max: imageBytes * 8 - 1 }),
        telling,
        telling,
        async (content, bit, left, right) => {
          const flipped = Buffer.from(content);
          const at = Math.floor(bit / 8);
          flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit % 8));
          assert.deepEqual(await compareStreams(streamOf(content, left), streamOf(flipped, right)), {
            what: 'bytes',
            offset: at,
          });
        },
      ),
    );
  });

  it('tells sizes apart', async () => {
    const content = Buffer.alloc(imageBytes);
    const told: number[] = [];
    const onPosition = (offset: number): void => void told.push(offset);
    assert.equal(
      await compareStreams(streamOf(content, simple), streamOf(content, simple), onPosition),
      undefined,
    );
    assert.deepEqual([told[0], told.at(-1)], [0, Infinity], 'it tells how far it is');
    assert.deepEqual(await compareStreams(streamOf(content, simple, 1000), streamOf(content, simple, 2000)), {
      what: 'size',
      offset: 1000,
    });
  });

  it('refuses a stream that is cut off', async () => {
    async function* cut(): AsyncGenerator<Buffer, void, undefined> {
      for await (const chunk of streamOf(Buffer.alloc(imageBytes), simple)) {
        yield chunk;
        return;
      }
    }
    await assert.rejects(
      compareStreams(streamOf(Buffer.alloc(imageBytes), simple), cut()),
      (error: unknown) => error instanceof AppError && error.code === 'INTEGRITY_DIFF_TRUNCATED',
    );
  });
});
