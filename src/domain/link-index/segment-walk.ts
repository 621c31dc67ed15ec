import { dataRecordHeaderBytes, diffBanner, tags } from '../rbd-diff/records.ts';
import type { DataExtent, ZeroExtent } from './entries.ts';

/** What the header records at the start of a link's first segment must say. */
export interface ExpectedStart {
  fromSnapshot: string | undefined;
  toSnapshot: string;
  /** Of the image at the to-snapshot. */
  sizeBytes: number;
}

/**
 * Compares the records of one segment's plain bytes with the index's extents of it, one by one and in order: neither
 * may have what the other has not. Throws RangeError with what disagrees.
 */
export class SegmentWalk {
  readonly #plain: Buffer;
  #at = 0;

  /** @param start for the first segment, which begins with the stream's banner and header records */
  constructor(plain: Buffer, start?: ExpectedStart) {
    this.#plain = plain;
    if (start !== undefined) this.#readStart(start);
  }

  /** The next extent of this segment in the index. */
  expect(extent: DataExtent | ZeroExtent): void {
    const at = this.#at;
    if (this.#plain.length - at < dataRecordHeaderBytes)
      throw new RangeError('it ends before its last extent');
    const tag = extent.type === 'data' ? tags.write : tags.zero;
    const agrees =
      this.#plain[at] === tag &&
      this.#u64(at + 1) === BigInt(extent.offset) &&
      this.#u64(at + 9) === BigInt(extent.length);
    if (!agrees) throw new RangeError(`its record at byte ${at} is not the one in the index`);
    this.#at += dataRecordHeaderBytes;
    if (extent.type === 'zero') return;
    if (extent.position !== this.#at)
      throw new RangeError(`the data of byte ${at} is not where the index says`);
    this.#at += extent.length;
  }

  /** To be called after the last extent; `isLast` when the stream ends with this segment. */
  finish(isLast: boolean): void {
    const rest = this.#plain.length - this.#at;
    const agrees = isLast ? rest === 1 && this.#plain[this.#at] === tags.end : rest === 0;
    if (!agrees) throw new RangeError(`it does not end after its last extent, at byte ${this.#at}`);
  }

  #readStart(start: ExpectedStart): void {
    if (this.#text(diffBanner.length) !== diffBanner) throw new RangeError('it does not begin an rbd diff');
    const found: { from?: string; to?: string; size?: bigint } = {};
    for (let tag = this.#plain[this.#at]; ; tag = this.#plain[this.#at]) {
      if (tag === tags.fromSnap) found.from = this.#name();
      else if (tag === tags.toSnap) found.to = this.#name();
      else if (tag === tags.imageSize) found.size = this.#size();
      else break;
    }
    const agrees =
      found.from === start.fromSnapshot &&
      found.to === start.toSnapshot &&
      found.size === BigInt(start.sizeBytes);
    if (!agrees) throw new RangeError('its snapshots or its image size are not those of the manifest');
  }

  #name(): string {
    this.#at += 1;
    if (this.#plain.length - this.#at < 4) throw new RangeError('it ends inside a header record');
    const length = this.#plain.readUInt32LE(this.#at);
    this.#at += 4;
    return this.#text(length);
  }

  #size(): bigint {
    this.#at += 9;
    if (this.#at > this.#plain.length) throw new RangeError('it ends inside a header record');
    return this.#u64(this.#at - 8);
  }

  #text(length: number): string {
    if (this.#plain.length - this.#at < length) throw new RangeError('it ends inside a header record');
    this.#at += length;
    return this.#plain.toString('utf8', this.#at - length, this.#at);
  }

  #u64(at: number): bigint {
    return this.#plain.readBigUInt64LE(at);
  }
}
