import type { DataExtent, IndexEntry, SegmentEntry, ZeroExtent } from '../link-index/entries.ts';
import type { Layer, LivePiece } from './layers.ts';

/** Walks over the extents of one layer; behind the last one it finds zeros up to the size of the newest image. */
export class LayerCursor {
  readonly #batches: AsyncIterator<IndexEntry[]>;
  readonly #sizeBytes: number;
  readonly #imageBytes: number;
  #batch: readonly IndexEntry[] = [];
  #next = 0;
  #isRead = false;
  #segment: SegmentEntry | undefined;
  #extent: DataExtent | ZeroExtent | undefined;
  /** Of the extent under the cursor; Infinity behind the last one. */
  start = -1;
  end = -1;

  constructor({ entries, sizeBytes }: Layer, imageBytes: number) {
    this.#batches = entries[Symbol.asyncIterator]();
    this.#sizeBytes = sizeBytes;
    this.#imageBytes = imageBytes;
  }

  /** Moves to the first extent that ends behind `at`; false when `fill` must bring entries first. */
  skipTo(at: number): boolean {
    while (this.end <= at) {
      const entry = this.#batch[this.#next];
      if (entry === undefined) {
        if (!this.#isRead) return false;
        this.#standOnRest();
        continue;
      }
      this.#next += 1;
      if (entry.type === 'segment') this.#segment = entry;
      else if (entry.type !== 'end') this.#standOn(entry);
    }
    return true;
  }

  async fill(): Promise<void> {
    const next = await this.#batches.next();
    this.#isRead = next.done === true;
    this.#batch = next.done === true ? [] : next.value;
    this.#next = 0;
  }

  placeOf(offset: number): Pick<LivePiece, 'segment' | 'position'> {
    const extent = this.#extent;
    return {
      segment: extent === undefined ? undefined : this.#segment,
      position: extent?.type === 'data' ? extent.position + offset - extent.offset : undefined,
    };
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }

  #standOn(extent: DataExtent | ZeroExtent): void {
    this.#extent = extent;
    this.start = extent.offset;
    this.end = extent.offset + extent.length;
  }

  #standOnRest(): void {
    const hasRest = this.#sizeBytes < this.#imageBytes && this.end <= this.#sizeBytes;
    this.#extent = undefined;
    this.start = hasRest ? this.#sizeBytes : Infinity;
    this.end = hasRest ? this.#imageBytes : Infinity;
  }
}
