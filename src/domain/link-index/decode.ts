import { AppError } from '../../base/errors.ts';
import { totalsInOrder } from './encode.ts';
import { emptyTotals, indexBanner, indexTags, sha256Bytes } from './entries.ts';
import type { IndexEntry } from './entries.ts';
import { VarintReader } from './varint.ts';

/**
 * Decodes an index stream in chunks of any size, in memory that does not grow with the index (I11): a chunk's
 * entries are returned together, and at most one cut entry is kept.
 *
 * Throws INTEGRITY_INDEX_MALFORMED when the bytes are not what the encoder writes, when extents do not ascend, leave
 * their segment or wrap, or when the totals at the end are not those of what came before (I8).
 */
export class IndexDecoder {
  readonly #imageBytes: number;
  #rest: Buffer = Buffer.alloc(0);
  #position = 0;
  #banner = false;
  #ended = false;
  #imageEnd = 0;
  #positionEnd = 0;
  #segmentBytes = 0;
  #totals = emptyTotals();

  /** @param imageBytes size of the image; no extent may end beyond it */
  constructor(imageBytes = Number.MAX_SAFE_INTEGER) {
    this.#imageBytes = imageBytes;
  }

  push(chunk: Buffer): IndexEntry[] {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const entries: IndexEntry[] = [];
    let at = this.#banner ? 0 : this.#readBanner(bytes);
    while (at < bytes.length && this.#banner) {
      const next = this.#readEntry(bytes, at, entries);
      if (next === undefined) break;
      at = next;
    }
    this.#position += at;
    this.#rest = Buffer.from(bytes.subarray(at));
    return entries;
  }

  /** To be called when the stream ended: throws unless it ended right after its end entry. */
  finish(): void {
    if (!this.#ended) throw this.#malformed('it stops before its end');
  }

  #readBanner(bytes: Buffer): number {
    const length = Math.min(bytes.length, indexBanner.length);
    if (bytes.compare(indexBanner, 0, length, 0, length) !== 0) {
      throw this.#malformed('it does not begin with "emberkeep index v1"');
    }
    if (length < indexBanner.length) return 0;
    this.#banner = true;
    return length;
  }

  /** Appends the entry at `at` to `entries` and returns where it ends; undefined when the bytes end first. */
  #readEntry(bytes: Buffer, at: number, entries: IndexEntry[]): number | undefined {
    if (this.#ended) throw this.#malformed('bytes follow its end', at);
    const reader = new VarintReader(bytes, at + 1);
    try {
      const entry = this.#parseEntry(bytes[at], bytes, reader);
      if (entry === undefined) return undefined;
      entries.push(entry);
      return reader.at;
    } catch (error) {
      if (error instanceof RangeError) throw this.#malformed(error.message, at, error);
      throw error;
    }
  }

  #parseEntry(tag: number | undefined, bytes: Buffer, reader: VarintReader): IndexEntry | undefined {
    switch (tag) {
      case indexTags.segment:
        return this.#parseSegment(bytes, reader);
      case indexTags.data:
        return this.#parseData(reader);
      case indexTags.zero:
        return this.#parseZero(reader);
      case indexTags.end:
        return this.#parseEnd(reader);
      default:
        throw new RangeError(`unknown entry ${tag ?? 'none'}`);
    }
  }

  #parseSegment(bytes: Buffer, reader: VarintReader): IndexEntry | undefined {
    const plainBytes = reader.next();
    const storedBytes = plainBytes === undefined ? undefined : reader.next();
    const dataKey = storedBytes === undefined ? undefined : reader.next();
    if (plainBytes === undefined || storedBytes === undefined || dataKey === undefined) return undefined;
    if (bytes.length - reader.at < sha256Bytes) return undefined;
    const sha256 = Buffer.from(bytes.subarray(reader.at, reader.at + sha256Bytes));
    reader.at += sha256Bytes;
    const number = this.#totals.segments++;
    this.#totals.plainBytes += plainBytes;
    this.#totals.storedBytes += storedBytes;
    this.#segmentBytes = plainBytes;
    this.#positionEnd = 0;
    return { type: 'segment', number, plainBytes, storedBytes, dataKey, sha256 };
  }

  #parseData(reader: VarintReader): IndexEntry | undefined {
    const gap = reader.next();
    const length = gap === undefined ? undefined : reader.next();
    const skip = length === undefined ? undefined : reader.next();
    if (gap === undefined || length === undefined || skip === undefined) return undefined;
    const position = this.#positionEnd + skip;
    if (length > this.#segmentBytes - position) throw new RangeError('an extent outside its segment');
    const offset = this.#advance(gap, length);
    this.#positionEnd = position + length;
    this.#totals.dataExtents += 1;
    this.#totals.dataBytes += length;
    return { type: 'data', offset, length, position };
  }

  #parseZero(reader: VarintReader): IndexEntry | undefined {
    const gap = reader.next();
    const length = gap === undefined ? undefined : reader.next();
    if (gap === undefined || length === undefined) return undefined;
    const offset = this.#advance(gap, length);
    this.#totals.zeroExtents += 1;
    this.#totals.zeroBytes += length;
    return { type: 'zero', offset, length };
  }

  #parseEnd(reader: VarintReader): IndexEntry | undefined {
    for (const expected of totalsInOrder(this.#totals)) {
      const found = reader.next();
      if (found === undefined) return undefined;
      if (found !== expected) throw new RangeError('its totals are not those of its entries');
    }
    this.#ended = true;
    return { type: 'end', totals: this.#totals };
  }

  #advance(gap: number, length: number): number {
    const offset = this.#imageEnd + gap;
    if (length === 0 || length > this.#imageBytes - offset)
      throw new RangeError('an extent outside the image');
    this.#imageEnd = offset + length;
    return offset;
  }

  #malformed(what: string, at = 0, cause?: unknown): AppError {
    const position = this.#position + at;
    return new AppError(
      'INTEGRITY_INDEX_MALFORMED',
      `The link's index is malformed at byte ${position}: ${what}.`,
      { details: { position }, ...(cause === undefined ? {} : { cause }) },
    );
  }
}
