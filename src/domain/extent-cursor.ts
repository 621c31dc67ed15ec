import { readDiff, type DiffEvent } from './rbd-diff/read.ts';

const nothing = Buffer.alloc(0);

/**
 * The data of an rbd diff stream from nothing, piece by piece, ascending; zero records are left out, since what such a
 * stream leaves out reads as zeros too. Bounded memory (I11).
 */
export class ExtentCursor {
  /** Where `bytes` begin; infinite at the end, so that everything else comes before it. */
  offset = 0;
  bytes: Buffer = nothing;
  sizeBytes: number | undefined;
  readonly #batches: AsyncGenerator<DiffEvent[], void, undefined>;
  #events: DiffEvent[] = [];
  #at = 0;
  #next = 0;

  constructor(stream: AsyncIterable<Buffer>) {
    this.#batches = readDiff(stream);
  }

  get atEnd(): boolean {
    return this.offset === Infinity;
  }

  /** Makes `bytes` hold something, unless the stream is at its end. */
  async fill(): Promise<void> {
    while (this.bytes.length === 0 && !this.atEnd) {
      const event = this.#events[this.#at];
      if (event === undefined) {
        const batch = await this.#batches.next();
        this.#at = 0;
        if (batch.done === true) this.offset = Infinity;
        else this.#events = batch.value;
        continue;
      }
      this.#at += 1;
      this.#take(event);
    }
  }

  skip(length: number): void {
    this.bytes = this.bytes.subarray(length);
    this.offset += length;
  }

  async close(): Promise<void> {
    await this.#batches.return(undefined);
  }

  #take(event: DiffEvent): void {
    if (event.type === 'image-size') this.sizeBytes = event.sizeBytes;
    if (event.type === 'write') this.#next = event.offset;
    if (event.type !== 'data') return;
    this.offset = this.#next;
    this.bytes = event.bytes;
    this.#next += event.bytes.length;
  }
}
