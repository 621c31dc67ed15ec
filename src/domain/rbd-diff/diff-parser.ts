import { isUtf8 } from 'node:buffer';
import { AppError } from '../../base/errors.ts';
import { dataRecordHeaderBytes, diffBanner, maxSnapshotNameBytes, tags } from './records.ts';
import type { DiffSink } from './records.ts';

const banner = Buffer.from(diffBanner, 'latin1');
const nameHeaderBytes = 5;
const sizeRecordBytes = 9;
/** Below this, a high half of a u64 keeps the whole within Number.MAX_SAFE_INTEGER. */
const highHalfLimit = 0x20_0000;

/**
 * The synchronous core of every reader: bytes in, records out, in memory that does not depend on the stream (I11).
 *
 * Strict where `rbd import-diff` is not: that one accepts records in any order and whatever follows `e`. Here
 * offsets ascend, extents do not overlap and lie inside the image, each header record comes at most once and before
 * the data, and only a stream that ends right after `e` counts (I2).
 *
 * Throws INTEGRITY_DIFF_MALFORMED (with the byte position) and INTEGRITY_DIFF_TRUNCATED; after a throw the parser
 * must not be used again.
 */
export class DiffParser {
  readonly #sink: DiffSink;
  /** The start of a record that the last chunk cut through; never write data. */
  #partial = Buffer.allocUnsafe(dataRecordHeaderBytes);
  #partialBytes = 0;
  #chunkStart = 0;
  #consumed = 0;
  #dataLeft = 0;
  #nextOffset = 0;
  #imageBytes = Number.MAX_SAFE_INTEGER;
  #seen = { banner: false, fromSnap: false, toSnap: false, imageSize: false, data: false, end: false };

  constructor(sink: DiffSink) {
    this.#sink = sink;
  }

  /** Takes the next bytes, in chunks of any size; keeps no reference to `chunk`. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#dataLeft > 0) {
        const take = Math.min(this.#dataLeft, chunk.length - at);
        this.#sink.data(take === chunk.length ? chunk : chunk.subarray(at, at + take));
        this.#dataLeft -= take;
        at += take;
      } else {
        this.#consumed = this.#chunkStart + at - this.#partialBytes;
        at = this.#partialBytes > 0 ? this.#continueRecord(chunk, at) : this.#startRecord(chunk, at);
      }
    }
    this.#chunkStart += chunk.length;
  }

  /** To be called when the stream ended: throws unless it ended right after its `e` record (I2). */
  finish(): void {
    if (this.#seen.end) return;
    throw new AppError(
      'INTEGRITY_DIFF_TRUNCATED',
      `The rbd diff stream stopped after ${this.#chunkStart} bytes without its end record; the export did not complete.`,
      { details: { position: this.#chunkStart } },
    );
  }

  #startRecord(chunk: Buffer, at: number): number {
    const available = chunk.length - at;
    const needed = this.#neededBytes(chunk, at, available);
    if (needed <= available) {
      this.#record(chunk, at);
      return at + needed;
    }
    this.#reservePartial(needed);
    chunk.copy(this.#partial, 0, at);
    this.#partialBytes = available;
    return chunk.length;
  }

  /** Only a header record with a snapshot name needs more than at first, and the name's length was checked. */
  #reservePartial(needed: number): void {
    if (needed > this.#partial.length) this.#partial = Buffer.concat([this.#partial], needed);
  }

  #continueRecord(chunk: Buffer, start: number): number {
    let at = start;
    for (;;) {
      const needed = this.#neededBytes(this.#partial, 0, this.#partialBytes);
      if (this.#partialBytes >= needed) break;
      if (at === chunk.length) return at;
      this.#reservePartial(needed);
      const take = Math.min(needed - this.#partialBytes, chunk.length - at);
      chunk.copy(this.#partial, this.#partialBytes, at, at + take);
      this.#partialBytes += take;
      at += take;
    }
    this.#partialBytes = 0;
    this.#record(this.#partial, 0);
    return at;
  }

  /** Bytes of the record that starts at `at`, as far as the `available` ones (at least one) tell. */
  #neededBytes(buffer: Buffer, at: number, available: number): number {
    if (!this.#seen.banner) return this.#neededBannerBytes(buffer, at, available);
    if (this.#seen.end) throw this.#malformed('bytes follow the end record');
    switch (buffer[at]) {
      case tags.write:
      case tags.zero:
        return dataRecordHeaderBytes;
      case tags.imageSize:
        return sizeRecordBytes;
      case tags.fromSnap:
      case tags.toSnap: {
        if (available < nameHeaderBytes) return nameHeaderBytes;
        const nameBytes = buffer.readUInt32LE(at + 1);
        if (nameBytes === 0 || nameBytes > maxSnapshotNameBytes) {
          throw this.#malformed(`a snapshot name of ${nameBytes} bytes`);
        }
        return nameHeaderBytes + nameBytes;
      }
      case tags.end:
        return 1;
      default:
        throw this.#malformed(`unknown record tag ${buffer[at] ?? 'none'}`);
    }
  }

  #neededBannerBytes(buffer: Buffer, at: number, available: number): number {
    const length = Math.min(available, banner.length);
    if (buffer.compare(banner, 0, length, at, at + length) !== 0) {
      throw this.#malformed(
        'it does not begin with "rbd diff v1" (other versions of the format are not read)',
      );
    }
    return banner.length;
  }

  #record(buffer: Buffer, at: number): void {
    if (!this.#seen.banner) {
      this.#seen.banner = true;
      return;
    }
    switch (buffer[at]) {
      case tags.write: {
        const length = this.#extent(buffer, at);
        this.#dataLeft = length;
        this.#sink.write(this.#nextOffset - length, length);
        break;
      }
      case tags.zero: {
        const length = this.#extent(buffer, at);
        this.#sink.zero(this.#nextOffset - length, length);
        break;
      }
      case tags.end:
        this.#seen.end = true;
        this.#sink.end();
        break;
      default:
        this.#headerRecord(buffer, at);
    }
  }

  /** Validates the extent of a data record and returns its length; #nextOffset is then where it ends. */
  #extent(buffer: Buffer, at: number): number {
    const offset = this.#u64(buffer, at + 1, 'offset');
    const length = this.#u64(buffer, at + 9, 'length');
    if (length === 0) throw this.#malformed('an extent without bytes');
    if (offset < this.#nextOffset) {
      throw this.#malformed(
        `extent at ${offset} begins before ${this.#nextOffset}, where the last one ended`,
      );
    }
    if (length > this.#imageBytes - offset) {
      throw this.#malformed(`extent at ${offset} of ${length} bytes ends outside the image`);
    }
    this.#seen.data = true;
    this.#nextOffset = offset + length;
    return length;
  }

  #headerRecord(buffer: Buffer, at: number): void {
    const tag = buffer[at];
    if (this.#seen.data) throw this.#malformed('a header record follows data');
    if (tag === tags.imageSize) {
      this.#once('imageSize');
      this.#imageBytes = this.#u64(buffer, at + 1, 'image size');
      this.#sink.header({ type: 'image-size', sizeBytes: this.#imageBytes });
      return;
    }
    this.#once(tag === tags.fromSnap ? 'fromSnap' : 'toSnap');
    const start = at + nameHeaderBytes;
    const bytes = buffer.subarray(start, start + buffer.readUInt32LE(at + 1));
    if (!isUtf8(bytes)) throw this.#malformed('a snapshot name that is not UTF-8');
    this.#sink.header({
      type: tag === tags.fromSnap ? 'from-snap' : 'to-snap',
      name: bytes.toString('utf8'),
    });
  }

  #once(record: 'fromSnap' | 'toSnap' | 'imageSize'): void {
    if (this.#seen[record]) throw this.#malformed('the same header record twice');
    this.#seen[record] = true;
  }

  #u64(buffer: Buffer, at: number, what: string): number {
    const high = buffer.readUInt32LE(at + 4);
    if (high >= highHalfLimit) throw this.#malformed(`an ${what} beyond 2^53`);
    return high * 0x1_0000_0000 + buffer.readUInt32LE(at);
  }

  #malformed(what: string): AppError {
    return new AppError(
      'INTEGRITY_DIFF_MALFORMED',
      `The rbd diff stream is malformed at byte ${this.#consumed}: ${what}.`,
      { details: { position: this.#consumed } },
    );
  }
}
