import { blockBytes } from './records.ts';
import type { DiffSink, HeaderRecord } from './records.ts';

/**
 * What is left of a stream when its zeros are told apart from its data. Offsets ascend over both methods; `data`
 * may continue where the last one ended, `boundary` says that a record of the source begins.
 */
export interface ExtentSink {
  header(record: HeaderRecord): void;
  boundary(): void;
  /** *Must not* keep `bytes`: the memory is reused. */
  data(offset: number, bytes: Buffer): void;
  zero(offset: number, length: number): void;
  end(): void;
}

const zeroBlock = Buffer.alloc(blockBytes);

/**
 * Zero elimination: every image-aligned block of 4 KiB inside write data that holds only zeros is passed on as
 * `zero`. `rbd export-diff` sends a new object from its start to its highest written byte, zeros included, so that
 * small random writes swell up to 36 times without it. For an increment a zero extent says "this range now reads
 * as zeros", exactly what the write said; nothing is left out. Parts of blocks at either end of a record stay data.
 *
 * Holds at most one block: one that a chunk boundary cuts through.
 */
export class ZeroElimination implements DiffSink {
  readonly #sink: ExtentSink;
  readonly #cut = Buffer.allocUnsafe(blockBytes);
  #cutBytes = 0;
  /** Image offset of the next byte that goes on, and of the current record's end. */
  #at = 0;
  #end = 0;

  constructor(sink: ExtentSink) {
    this.#sink = sink;
  }

  header(record: HeaderRecord): void {
    this.#sink.header(record);
  }

  write(offset: number, length: number): void {
    this.#at = offset;
    this.#end = offset + length;
    this.#sink.boundary();
  }

  zero(offset: number, length: number): void {
    this.#sink.zero(offset, length);
  }

  end(): void {
    this.#sink.end();
  }

  data(bytes: Buffer): void {
    let from = this.#cutBytes > 0 ? this.#completeBlock(bytes) : 0;
    const misaligned = this.#at % blockBytes;
    if (misaligned > 0 && from < bytes.length) {
      const to = Math.min(bytes.length, from + blockBytes - misaligned);
      this.#passData(bytes, from, to);
      from = to;
    }
    from = this.#scanBlocks(bytes, from);
    if (from === bytes.length) return;
    if (this.#at + blockBytes <= this.#end) {
      this.#cutBytes += bytes.copy(this.#cut, this.#cutBytes, from);
    } else {
      this.#passData(bytes, from, bytes.length);
    }
  }

  /** Fills the block that the last chunk cut through; returns how many of `bytes` it took. */
  #completeBlock(bytes: Buffer): number {
    const taken = bytes.copy(
      this.#cut,
      this.#cutBytes,
      0,
      Math.min(bytes.length, blockBytes - this.#cutBytes),
    );
    this.#cutBytes += taken;
    if (this.#cutBytes === blockBytes) {
      this.#cutBytes = 0;
      if (isZeroBlock(this.#cut, 0)) this.#passZero(blockBytes);
      else this.#passData(this.#cut, 0, blockBytes);
    }
    return taken;
  }

  /** Passes on the whole blocks from `from`, in runs; returns where the last one ends. */
  #scanBlocks(bytes: Buffer, from: number): number {
    const last = bytes.length - blockBytes;
    let runStart = from;
    let at = from;
    while (at <= last) {
      if (!isZeroBlock(bytes, at)) {
        at += blockBytes;
        continue;
      }
      this.#passData(bytes, runStart, at);
      runStart = at;
      do at += blockBytes;
      while (at <= last && isZeroBlock(bytes, at));
      this.#passZero(at - runStart);
      runStart = at;
    }
    this.#passData(bytes, runStart, at);
    return at;
  }

  #passData(bytes: Buffer, from: number, to: number): void {
    if (from === to) return;
    this.#sink.data(this.#at, to - from === bytes.length ? bytes : bytes.subarray(from, to));
    this.#at += to - from;
  }

  #passZero(length: number): void {
    this.#sink.zero(this.#at, length);
    this.#at += length;
  }
}

/** Looks at single bytes first: they settle nearly every block that is not zero without leaving JavaScript. */
function isZeroBlock(bytes: Buffer, at: number): boolean {
  return (
    bytes[at] === 0 &&
    bytes[at + blockBytes - 1] === 0 &&
    bytes[at + blockBytes / 2] === 0 &&
    zeroBlock.compare(bytes, at, at + blockBytes) === 0
  );
}
