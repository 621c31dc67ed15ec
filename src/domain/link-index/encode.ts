import { indexTags, sha256Bytes } from './entries.ts';
import type { IndexTotals, SegmentEntry } from './entries.ts';
import { maxVarintBytes, writeVarint } from './varint.ts';

const maxExtentBytes = 1 + 3 * maxVarintBytes;
const firstCapacityBytes = 1024;

/**
 * Encodes extents in stream order. A segment's extents can only be written after its segment entry, whose hash is
 * known much later, so they are taken segment by segment: `takeSegment` returns what was added since the last call.
 */
export class ExtentEncoder {
  #bytes = Buffer.allocUnsafe(firstCapacityBytes);
  #used = 0;
  #imageEnd = 0;
  #positionEnd = 0;

  data(offset: number, length: number, position: number): void {
    let at = this.#begin(indexTags.data, offset, length);
    at = writeVarint(this.#bytes, at, position - this.#positionEnd);
    this.#positionEnd = position + length;
    this.#used = at;
  }

  zero(offset: number, length: number): void {
    this.#used = this.#begin(indexTags.zero, offset, length);
  }

  takeSegment(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#used));
    this.#used = 0;
    this.#positionEnd = 0;
    return taken;
  }

  #begin(tag: number, offset: number, length: number): number {
    if (this.#bytes.length - this.#used < maxExtentBytes) {
      const larger = Buffer.allocUnsafe(this.#bytes.length * 2);
      this.#bytes.copy(larger, 0, 0, this.#used);
      this.#bytes = larger;
    }
    this.#bytes[this.#used] = tag;
    const at = writeVarint(this.#bytes, this.#used + 1, offset - this.#imageEnd);
    this.#imageEnd = offset + length;
    return writeVarint(this.#bytes, at, length);
  }
}

export function encodeSegment(entry: Omit<SegmentEntry, 'type' | 'number'>): Buffer {
  const bytes = Buffer.allocUnsafe(1 + 3 * maxVarintBytes + sha256Bytes);
  bytes[0] = indexTags.segment;
  let at = writeVarint(bytes, 1, entry.plainBytes);
  at = writeVarint(bytes, at, entry.storedBytes);
  at = writeVarint(bytes, at, entry.dataKey);
  at += entry.sha256.copy(bytes, at, 0, sha256Bytes);
  return bytes.subarray(0, at);
}

export function encodeEnd(totals: IndexTotals): Buffer {
  const bytes = Buffer.allocUnsafe(1 + 7 * maxVarintBytes);
  bytes[0] = indexTags.end;
  let at = 1;
  for (const value of totalsInOrder(totals)) at = writeVarint(bytes, at, value);
  return bytes.subarray(0, at);
}

export function totalsInOrder(totals: IndexTotals): number[] {
  return [
    totals.segments,
    totals.dataExtents,
    totals.zeroExtents,
    totals.dataBytes,
    totals.zeroBytes,
    totals.plainBytes,
    totals.storedBytes,
  ];
}
