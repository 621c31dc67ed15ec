/** The records of a difference, put together from blocks: neighbours become one record, small ones one chunk. */
import { AppError } from '../base/errors.ts';
import { dataRecordHeaderBytes, tags } from './rbd-diff/records.ts';
import { encodeBanner, encodeHeader, writeDataHeader } from './rbd-diff/write.ts';

export interface DifferenceBytes {
  /** Written with data. */
  written: number;
  /** Made zero. */
  zeroed: number;
}

/** Longest write record, and size of a chunk: RBD's default object. */
const chunkBytes = 4 * 1024 * 1024;

export class DifferenceOutput {
  readonly bytes: DifferenceBytes = { written: 0, zeroed: 0 };
  readonly #sizeBytes: number;
  /** Taken in turn: one is filled while the other is read. */
  readonly #buffers = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)] as const;
  #turn: 0 | 1 = 0;
  #at = 0;
  #open: { at: number; offset: number; length: number } | undefined;
  #zeros: { offset: number; length: number } | undefined;

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
    this.#put(encodeBanner());
    this.#put(encodeHeader({ type: 'image-size', sizeBytes }));
  }

  /** Offsets *must* ascend over both methods. Chunks that are full go into `chunks`. */
  write(offset: number, data: Buffer, chunks: Buffer[]): void {
    if (offset + data.length > this.#sizeBytes)
      throw new AppError('BUG_DIFFERENCE', `bytes at ${offset} are behind the end, ${this.#sizeBytes}`);
    this.#closeZeros(chunks);
    this.#room(dataRecordHeaderBytes + data.length, chunks);
    const open = this.#open;
    if (open !== undefined && open.offset + open.length === offset) {
      open.length += data.length;
      writeDataHeader(this.#buffer, open.at, 'write', open.offset, open.length);
    } else {
      this.#open = { at: this.#at, offset, length: data.length };
      writeDataHeader(this.#buffer, this.#at, 'write', offset, data.length);
      this.#at += dataRecordHeaderBytes;
    }
    this.#put(data);
    this.bytes.written += data.length;
  }

  /** What is behind the end of the image goes with it. */
  zero(offset: number, length: number, chunks: Buffer[]): void {
    const inside = Math.min(length, this.#sizeBytes - offset);
    if (inside <= 0) return;
    this.#open = undefined;
    const zeros = this.#zeros;
    if (zeros !== undefined && zeros.offset + zeros.length === offset) {
      zeros.length += inside;
    } else {
      this.#closeZeros(chunks);
      this.#zeros = { offset, length: inside };
    }
    this.bytes.zeroed += inside;
  }

  /** What is left, with the end record. */
  end(): Buffer {
    const before: Buffer[] = [];
    this.#closeZeros(before);
    this.#room(1, before);
    this.#put(Buffer.of(tags.end));
    return Buffer.concat([...before, this.#buffer.subarray(0, this.#at)]);
  }

  get #buffer(): Buffer {
    return this.#buffers[this.#turn];
  }

  /** Zeros that follow each other are one record, which discards whole objects: up to 4 MiB each, as data. */
  #closeZeros(chunks: Buffer[]): void {
    const zeros = this.#zeros;
    if (zeros === undefined) return;
    this.#zeros = undefined;
    this.#open = undefined;
    this.#room(dataRecordHeaderBytes, chunks);
    writeDataHeader(this.#buffer, this.#at, 'zero', zeros.offset, zeros.length);
    this.#at += dataRecordHeaderBytes;
  }

  #room(bytes: number, chunks: Buffer[]): void {
    if (this.#at + bytes <= chunkBytes) return;
    chunks.push(this.#buffer.subarray(0, this.#at));
    this.#turn = this.#turn === 0 ? 1 : 0;
    this.#at = 0;
    this.#open = undefined;
  }

  #put(bytes: Buffer): void {
    bytes.copy(this.#buffer, this.#at);
    this.#at += bytes.length;
  }
}
