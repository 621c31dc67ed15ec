import { AppError } from '../../base/errors.ts';
import type { DiffSink, HeaderRecord } from '../../domain/rbd-diff/records.ts';

export interface ExpectedHeaders {
  fromSnapshot: string | undefined;
  toSnapshot: string;
  /** Undefined when it is only to be learned from the stream. */
  sizeBytes: number | undefined;
}

/**
 * Refuses a stream that is not the difference which was asked for: with other snapshot names or image size it would
 * make a link that lies about what it holds (I3).
 */
export class CheckedHeaders implements DiffSink {
  readonly #next: DiffSink;
  readonly #expected: ExpectedHeaders;
  #fromSnapshot: string | undefined;
  #toSnapshot: string | undefined;
  #sizeBytes: number | undefined;
  #checked = false;

  constructor(next: DiffSink, expected: ExpectedHeaders) {
    this.#next = next;
    this.#expected = expected;
  }

  /** The image's size at the to-snapshot; known once the stream ended. */
  get sizeBytes(): number {
    if (this.#sizeBytes === undefined)
      throw new AppError('BUG_NO_IMAGE_SIZE', 'The stream has not ended yet.');
    return this.#sizeBytes;
  }

  header(record: HeaderRecord): void {
    if (record.type === 'from-snap') this.#fromSnapshot = record.name;
    else if (record.type === 'to-snap') this.#toSnapshot = record.name;
    else this.#sizeBytes = record.sizeBytes;
    this.#next.header(record);
  }

  write(offset: number, length: number): void {
    this.#check();
    this.#next.write(offset, length);
  }

  data(bytes: Buffer): void {
    this.#next.data(bytes);
  }

  zero(offset: number, length: number): void {
    this.#check();
    this.#next.zero(offset, length);
  }

  end(): void {
    this.#check();
    this.#next.end();
  }

  #check(): void {
    if (this.#checked) return;
    this.#compare('from-snapshot', this.#fromSnapshot, this.#expected.fromSnapshot);
    this.#compare('to-snapshot', this.#toSnapshot, this.#expected.toSnapshot);
    this.#compare('image size', this.#sizeBytes, this.#expected.sizeBytes ?? this.#sizeBytes);
    if (this.#sizeBytes === undefined) this.#compare('image size', undefined, 0);
    this.#checked = true;
  }

  #compare(what: string, found: string | number | undefined, expected: string | number | undefined): void {
    if (found === expected) return;
    throw new AppError(
      'INTEGRITY_DIFF_HEADERS',
      `The rbd diff stream is not the one that was asked for: its ${what} is ${found ?? 'none'}, expected ${expected ?? 'none'}.`,
      { details: { what, found, expected } },
    );
  }
}
