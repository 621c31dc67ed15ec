import fc from 'fast-check';
import type { DiffRecord } from '../../src/domain/rbd-diff/records.ts';

/** Data as disks have it: zero blocks, constant blocks and noise, in lengths on and off the block boundary. */
const data: fc.Arbitrary<Buffer> = fc
  .array(
    fc.record({
      length: fc.oneof(fc.integer({ min: 1, max: 9000 }), fc.constantFrom(4096, 8192, 12288)),
      fill: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })),
      speck: fc.option(fc.nat()),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) =>
    Buffer.concat(
      parts.map(({ length, fill, speck }) => {
        const bytes = Buffer.alloc(length, fill);
        if (speck !== null) bytes[speck % length] = 7;
        return bytes;
      }),
    ),
  );

const extent = fc.record({
  gap: fc.oneof(fc.constant(0), fc.constantFrom(4096, 65536), fc.integer({ min: 1, max: 20000 })),
  content: fc.oneof(data, fc.oneof(fc.integer({ min: 1, max: 40000 }), fc.constant(4096))),
});

const name = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });

/** The records of a valid stream with all headers, whose image is a few hundred KiB. */
export const validRecords: fc.Arbitrary<DiffRecord[]> = fc
  .record({
    from: fc.option(name),
    to: name,
    extents: fc.array(extent, { maxLength: 8 }),
    tail: fc.nat(10000),
  })
  .map(({ from, to, extents, tail }) => {
    const records: DiffRecord[] = [];
    let offset = 0;
    for (const { gap, content } of extents) {
      offset += gap;
      if (typeof content === 'number') records.push({ type: 'zero', offset, length: content });
      else records.push({ type: 'write', offset, data: content });
      offset += typeof content === 'number' ? content : content.length;
    }
    const headers: DiffRecord[] = [
      ...(from === null ? [] : [{ type: 'from-snap', name: from } as const]),
      { type: 'to-snap', name: to },
      { type: 'image-size', sizeBytes: offset + tail },
    ];
    return [...headers, ...records];
  });

/** Cuts bytes into chunks whose sizes repeat the given pattern. */
export function cutInto(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

export const chunkSizes: fc.Arbitrary<number[]> = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20000 })),
  { minLength: 1, maxLength: 5 },
);

// eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
export async function* streamOf(chunks: Iterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield* chunks;
}

/** Applies records to an image, as import-diff does; what was never written is zero or `before`. */
export function applyRecords(records: readonly DiffRecord[], before: Buffer = Buffer.alloc(0)): Buffer {
  const size = records.find((record) => record.type === 'image-size')?.sizeBytes ?? before.length;
  const image = Buffer.alloc(size);
  before.copy(image);
  for (const record of records) {
    if (record.type === 'write') record.data.copy(image, record.offset);
    if (record.type === 'zero') image.fill(0, record.offset, record.offset + record.length);
  }
  return image;
}
