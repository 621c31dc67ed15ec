import { DiffParser } from '../../src/domain/rbd-diff/diff-parser.ts';
import type { DiffSink, HeaderRecord } from '../../src/domain/rbd-diff/records.ts';

/** What `rbd import-diff` makes of an image; the first link begins with nothing. */
export async function applyDiff(image: Buffer, stream: AsyncIterable<Buffer>): Promise<Buffer> {
  let result = image;
  let at = 0;
  const sink: DiffSink = {
    header: (record: HeaderRecord) => {
      if (record.type !== 'image-size') return;
      const resized = Buffer.alloc(record.sizeBytes);
      result.copy(resized);
      result = resized;
    },
    write: (offset) => {
      at = offset;
    },
    data: (bytes) => {
      at += bytes.copy(result, at);
    },
    zero: (offset, length) => void result.fill(0, offset, offset + length),
    end: () => undefined,
  };
  const parser = new DiffParser(sink);
  for await (const chunk of stream) parser.push(chunk);
  parser.finish();
  return result;
}
