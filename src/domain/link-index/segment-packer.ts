import { AppError } from '../../base/errors.ts';
import { blockBytes, dataRecordHeaderBytes } from '../rbd-diff/records.ts';
import type { HeaderRecord } from '../rbd-diff/records.ts';
import { encodeBanner, encodeEnd, encodeHeader, writeDataHeader } from '../rbd-diff/write.ts';
import type { ExtentSink } from '../rbd-diff/zeros.ts';
import { ExtentEncoder } from './encode.ts';
import type { DataExtent, ZeroExtent } from './entries.ts';

/** Adjacent zero ranges are joined up to this many bytes, so that one record never asks the OSDs for too much. */
const maxJoinedZeroBytes = 1024 ** 3;

/** Two snapshot names of the greatest length, the banner and the size must fit into the first segment. */
export const minSegmentBytes = 16 * 1024;

/** A full segment of the plain stream and its part of the index. */
export interface PackedSegment {
  number: number;
  /** Whole records; a view on a buffer that `takeBuffer` gave. */
  plain: Buffer;
  /** The segment's extents as index entries, to follow its segment entry. */
  extents: Buffer;
  dataExtents: number;
  zeroExtents: number;
  dataBytes: number;
  zeroBytes: number;
  /** Image offset that the stream has reached. */
  endOffset: number;
}

/** A segment of another link that becomes one of this link as it is. */
export type AdoptedSegment = Omit<PackedSegment, 'plain'>;

export interface SegmentPackerOptions {
  /** Plain bytes of a segment at most; at least minSegmentBytes. */
  segmentBytes: number;
  /** Gives memory of segmentBytes for the next segment. */
  takeBuffer: () => Buffer;
  onSegment: (segment: PackedSegment) => void;
}

/**
 * Lays extents out as an rbd diff stream that is cut into segments, and indexes them. No record straddles two
 * segments: a write record that does not fit goes on as another record in the next one. All segments, one after the
 * other, are one valid stream (the way out), and any single one can be read with the index alone.
 */
export class SegmentPacker implements ExtentSink {
  readonly #options: SegmentPackerOptions;
  readonly #encoder = new ExtentEncoder();
  readonly #limit: number;
  #buffer: Buffer;
  #used: number;
  #number = 0;
  #openWrite: { header: number; offset: number; end: number } | undefined;
  #pendingZero: { offset: number; end: number } | undefined;
  #counts = { dataExtents: 0, zeroExtents: 0, dataBytes: 0, zeroBytes: 0 };
  #endOffset = 0;

  constructor(options: SegmentPackerOptions) {
    if (options.segmentBytes < minSegmentBytes) {
      throw new AppError('INPUT_SEGMENT_SIZE', `A segment must have at least ${minSegmentBytes} bytes.`);
    }
    this.#options = options;
    // One byte stays free for the end record.
    this.#limit = options.segmentBytes - 1;
    this.#buffer = options.takeBuffer();
    this.#used = encodeBanner().copy(this.#buffer);
  }

  header(record: HeaderRecord): void {
    this.#used += encodeHeader(record).copy(this.#buffer, this.#used);
  }

  boundary(): void {
    this.#closeWrite();
  }

  data(offset: number, bytes: Buffer): void {
    this.#flushZero();
    let from = 0;
    while (from < bytes.length) {
      const to = from + this.#room(offset + from, bytes.length - from);
      if (to > from) {
        const open = this.#openWrite ?? this.#beginWrite(offset + from);
        this.#used += bytes.copy(this.#buffer, this.#used, from, to);
        open.end += to - from;
        this.#endOffset = open.end;
        from = to;
      } else {
        this.#seal();
      }
    }
  }

  zero(offset: number, length: number): void {
    this.#closeWrite();
    const pending = this.#pendingZero;
    this.#endOffset = offset + length;
    if (pending?.end === offset && pending.end - pending.offset + length <= maxJoinedZeroBytes) {
      pending.end += length;
      return;
    }
    this.#flushZero();
    this.#pendingZero = { offset, end: offset + length };
  }

  /**
   * Puts a whole segment that exists already behind what was packed so far. `extents` are all that its records say, in
   * order; it holds no header and no end record.
   */
  adopt(extents: readonly (DataExtent | ZeroExtent)[]): AdoptedSegment {
    this.#flushZero();
    this.#closeWrite();
    if (this.#used > 0) this.#seal();
    for (const extent of extents) {
      if (extent.type === 'data') {
        this.#encoder.data(extent.offset, extent.length, extent.position);
        this.#counts.dataExtents += 1;
        this.#counts.dataBytes += extent.length;
      } else {
        this.#encoder.zero(extent.offset, extent.length);
        this.#counts.zeroExtents += 1;
        this.#counts.zeroBytes += extent.length;
      }
      this.#endOffset = extent.offset + extent.length;
    }
    return this.#takeEntry();
  }

  end(): void {
    this.#flushZero();
    this.#closeWrite();
    this.#used += encodeEnd().copy(this.#buffer, this.#used);
    this.#emit();
  }

  /**
   * How many of `wanted` bytes at image offset `at` fit into this segment. A cut falls on a block boundary of the
   * image, so that blocks stay whole for readers with random access, and wherever the source's chunks ended.
   */
  #room(at: number, wanted: number): number {
    const header = this.#openWrite === undefined ? dataRecordHeaderBytes : 0;
    const free = this.#limit - this.#used - header;
    return Math.min(wanted, Math.max(0, free - ((at + free) % blockBytes)));
  }

  #beginWrite(offset: number): { header: number; offset: number; end: number } {
    const open = { header: this.#used, offset, end: offset };
    this.#used += dataRecordHeaderBytes;
    this.#openWrite = open;
    return open;
  }

  #closeWrite(): void {
    const open = this.#openWrite;
    if (open === undefined) return;
    this.#openWrite = undefined;
    const length = open.end - open.offset;
    writeDataHeader(this.#buffer, open.header, 'write', open.offset, length);
    this.#encoder.data(open.offset, length, open.header + dataRecordHeaderBytes);
    this.#counts.dataExtents += 1;
    this.#counts.dataBytes += length;
  }

  #flushZero(): void {
    const pending = this.#pendingZero;
    if (pending === undefined) return;
    this.#pendingZero = undefined;
    if (this.#limit - this.#used < dataRecordHeaderBytes) this.#seal();
    const length = pending.end - pending.offset;
    writeDataHeader(this.#buffer, this.#used, 'zero', pending.offset, length);
    this.#used += dataRecordHeaderBytes;
    this.#encoder.zero(pending.offset, length);
    this.#counts.zeroExtents += 1;
    this.#counts.zeroBytes += length;
  }

  #seal(): void {
    this.#closeWrite();
    this.#emit();
    this.#buffer = this.#options.takeBuffer();
    this.#used = 0;
  }

  #emit(): void {
    this.#options.onSegment({ plain: this.#buffer.subarray(0, this.#used), ...this.#takeEntry() });
  }

  #takeEntry(): AdoptedSegment {
    const entry = {
      number: this.#number++,
      extents: this.#encoder.takeSegment(),
      ...this.#counts,
      endOffset: this.#endOffset,
    };
    this.#counts = { dataExtents: 0, zeroExtents: 0, dataBytes: 0, zeroBytes: 0 };
    return entry;
  }
}
