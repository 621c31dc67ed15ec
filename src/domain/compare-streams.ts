/**
 * Whether two rbd diff streams from nothing describe the same image. How a stream is cut into records, and whether it
 * writes zeros, names them in a zero record or leaves them out, makes no difference: what is compared is every byte
 * that a fresh image would have after the import.
 */
import { ExtentCursor } from './extent-cursor.ts';

export interface StreamDifference {
  what: 'size' | 'bytes';
  /** Where the first byte differs; the smaller size when the sizes differ. */
  offset: number;
}

/**
 * The first difference, undefined when there is none. Reads both streams side by side in bounded memory (I11); what is
 * left of them after a difference is given up. A chunk is used only until the next one of its stream is asked for.
 *
 * Throws INTEGRITY_DIFF_* for a stream that is malformed or cut off, and whatever the streams throw.
 *
 * @param onPosition How far both are the same, an offset of the image in bytes; called often, Infinity at the end.
 */
export async function compareStreams(
  left: AsyncIterable<Buffer>,
  right: AsyncIterable<Buffer>,
  onPosition?: (offset: number) => void,
): Promise<StreamDifference | undefined> {
  const a = new ExtentCursor(left);
  const b = new ExtentCursor(right);
  try {
    const bytes = await firstDifferentByte(a, b, onPosition);
    if (bytes !== undefined) return { what: 'bytes', offset: bytes };
    if (a.sizeBytes === b.sizeBytes) return undefined;
    return { what: 'size', offset: Math.min(a.sizeBytes ?? 0, b.sizeBytes ?? 0) };
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
}

async function firstDifferentByte(
  a: ExtentCursor,
  b: ExtentCursor,
  onPosition: ((offset: number) => void) | undefined,
): Promise<number | undefined> {
  for (;;) {
    // One after the other: a failed read must not leave the other one running.
    await a.fill();
    await b.fill();
    onPosition?.(Math.min(a.offset, b.offset));
    if (a.atEnd && b.atEnd) return undefined;
    const alone = a.offset < b.offset ? a : b.offset < a.offset ? b : undefined;
    const other = alone === a ? b : a;
    const difference = alone === undefined ? takeEqual(a, b) : takeZeros(alone, other.offset);
    if (difference !== undefined) return difference;
  }
}

/** Both have bytes here. */
function takeEqual(a: ExtentCursor, b: ExtentCursor): number | undefined {
  const length = Math.min(a.bytes.length, b.bytes.length);
  const left = a.bytes.subarray(0, length);
  const right = b.bytes.subarray(0, length);
  if (!left.equals(right)) return a.offset + left.findIndex((byte, at) => byte !== right[at]);
  a.skip(length);
  b.skip(length);
  return undefined;
}

/** Only one has bytes here, so they must be zeros, up to where the other begins. */
function takeZeros(cursor: ExtentCursor, end: number): number | undefined {
  const length = Math.min(cursor.bytes.length, end - cursor.offset);
  const bytes = cursor.bytes.subarray(0, length);
  if (!isZero(bytes)) return cursor.offset + bytes.findIndex((byte) => byte !== 0);
  cursor.skip(length);
  return undefined;
}

const zeros = Buffer.alloc(64 * 1024);

export function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const piece = bytes.subarray(at, at + zeros.length);
    if (!piece.equals(zeros.subarray(0, piece.length))) return false;
  }
  return true;
}
