/**
 * What turns one image into another: of two rbd diff streams from nothing, the stream whose import into an image that
 * is what the first one says makes it what the second one says, and that names nothing which is equal in both.
 *
 * Applied to an image of which every range is either as in the first or as in the second, it makes the second too: what
 * a killed import left is so mended by the same stream (I9).
 */
import { isZero } from './compare-streams.ts';
import { DifferenceOutput, type DifferenceBytes } from './difference-output.ts';
import { ExtentCursor } from './extent-cursor.ts';
import { blockBytes } from './rbd-diff/records.ts';

export interface DifferenceOptions {
  /** Size that the image gets, bytes; the second stream *must* have nothing behind it. */
  sizeBytes: number;
  /** What the stream has said so far; called often. */
  onDifference?: (bytes: DifferenceBytes) => void;
  /** How far both streams are dealt with, an offset of the image in bytes; called often. */
  onPosition?: (offset: number) => void;
}

/**
 * Reads both streams side by side in bounded memory (I11). A chunk is valid until the next one is asked for.
 *
 * Throws INTEGRITY_DIFF_* for a stream that is malformed or cut off, and whatever the streams throw: then what was given
 * out so far has no end record, and `rbd import-diff` fails on it (I2).
 */
export async function* differenceStream(
  have: AsyncIterable<Buffer>,
  want: AsyncIterable<Buffer>,
  { sizeBytes, onDifference, onPosition }: DifferenceOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const [a, b] = [new ExtentCursor(have), new ExtentCursor(want)];
  const output = new DifferenceOutput(sizeBytes);
  try {
    for (;;) {
      // One after the other: a failed read must not leave the other one running.
      await a.fill();
      await b.fill();
      if (a.atEnd && b.atEnd) break;
      for (const chunk of advance(a, b, output)) yield chunk;
      onDifference?.(output.bytes);
      onPosition?.(Math.min(a.offset, b.offset, sizeBytes));
    }
    yield output.end();
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
}

/** At most so much in one step, so that it fills one chunk of the output at most: the others are still being read. */
const stepBytes = 1024 * 1024;

/** The next range that has one answer: both have bytes, or one has and the other reads as zeros. */
function advance(have: ExtentCursor, want: ExtentCursor, output: DifferenceOutput): Buffer[] {
  const chunks: Buffer[] = [];
  if (have.offset < want.offset) {
    const length = Math.min(stepBytes, have.bytes.length, want.offset - have.offset);
    takeBlocks(have.offset, length, (at, end) => {
      if (!isZero(have.bytes.subarray(at, end))) output.zero(have.offset + at, end - at, chunks);
    });
    have.skip(length);
  } else if (want.offset < have.offset) {
    const length = Math.min(stepBytes, want.bytes.length, have.offset - want.offset);
    takeBlocks(want.offset, length, (at, end) => {
      const bytes = want.bytes.subarray(at, end);
      if (!isZero(bytes)) output.write(want.offset + at, bytes, chunks);
    });
    want.skip(length);
  } else {
    const length = Math.min(stepBytes, have.bytes.length, want.bytes.length);
    if (!want.bytes.subarray(0, length).equals(have.bytes.subarray(0, length)))
      takeBlocks(have.offset, length, (at, end) => {
        putDifferent(want.offset + at, have.bytes.subarray(at, end), want.bytes.subarray(at, end));
      });
    have.skip(length);
    want.skip(length);
  }
  return chunks;

  function putDifferent(offset: number, had: Buffer, bytes: Buffer): void {
    if (bytes.equals(had)) return;
    if (isZero(bytes)) output.zero(offset, bytes.length, chunks);
    else output.write(offset, bytes, chunks);
  }
}

/** Image-aligned blocks, cut where the range begins and ends. */
function takeBlocks(offset: number, length: number, take: (at: number, end: number) => void): void {
  for (let at = 0; at < length;) {
    const end = Math.min(length, at + blockBytes - ((offset + at) % blockBytes));
    take(at, end);
    at = end;
  }
}
