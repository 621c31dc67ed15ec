import { dataRecordHeaderBytes } from '../../domain/rbd-diff/records.ts';
import { encodeBanner, encodeEnd, encodeHeader, writeDataHeader } from '../../domain/rbd-diff/write.ts';

/**
 * Write records end where one of RBD's default objects does: `rbd import-diff` makes one request of each record, and a
 * request over two objects is two operations.
 */
const recordBytes = 4 * 1024 * 1024;
const headroomBytes = 64 * 1024;

/**
 * Lays ascending writes out as an `rbd diff v1` stream in one buffer, adjacent ones as one record. When `room` says 0
 * the buffer is to be taken first; what was taken is valid until the next `place`.
 */
export class FlatStream {
  readonly #buffer: Buffer;
  #used = 0;
  #record: { header: number; offset: number; end: number } | undefined;

  constructor(toSnapshot: string, sizeBytes: number) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(2 * recordBytes, sizeBytes) + headroomBytes);
    this.#append(encodeBanner());
    this.#append(encodeHeader({ type: 'to-snap', name: toSnapshot }));
    this.#append(encodeHeader({ type: 'image-size', sizeBytes }));
  }

  /** How many of `wanted` bytes at image offset `offset` fit. */
  room(offset: number, wanted: number): number {
    const inObject = recordBytes - (offset % recordBytes);
    const isOpen = this.#isOpenAt(offset);
    const free = this.#buffer.length - this.#used - (isOpen ? 0 : dataRecordHeaderBytes) - 1;
    // A new object begins only where all of it fits, so that it is not cut into two records.
    if (free < inObject && !isOpen && this.#used > recordBytes) return 0;
    return Math.max(0, Math.min(wanted, inObject, free));
  }

  /** Where to put the next `length` bytes, which `room` allowed. */
  place(offset: number, length: number): { target: Buffer; at: number } {
    if (!this.#isOpenAt(offset)) {
      this.#close();
      this.#record = { header: this.#used, offset, end: offset };
      this.#used += dataRecordHeaderBytes;
    }
    const at = this.#used;
    this.#used += length;
    if (this.#record !== undefined) this.#record.end = offset + length;
    return { target: this.#buffer, at };
  }

  /** The records so far; the buffer is empty afterwards. */
  take(): Buffer {
    this.#close();
    const taken = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    return taken;
  }

  finish(): Buffer {
    this.#close();
    this.#append(encodeEnd());
    return this.take();
  }

  #isOpenAt(offset: number): boolean {
    return this.#record?.end === offset && offset % recordBytes !== 0;
  }

  #close(): void {
    const record = this.#record;
    if (record === undefined) return;
    this.#record = undefined;
    writeDataHeader(this.#buffer, record.header, 'write', record.offset, record.end - record.offset);
  }

  #append(bytes: Buffer): void {
    this.#used += bytes.copy(this.#buffer, this.#used);
  }
}
