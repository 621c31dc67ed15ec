import { releaseMemory } from '../../base/memory.ts';
import type { SegmentEntry } from '../../domain/link-index/entries.ts';
import { PooledSegment } from './pooled-segment.ts';
import { SpillFile } from './spill-file.ts';

export interface SegmentPoolOptions {
  /** The plain bytes of one segment of a layer, verified. */
  read: (layer: number, segment: SegmentEntry) => Promise<Buffer>;
  /** Plain bytes of the largest segment. */
  maxPlainBytes: number;
  /** Plain bytes kept in memory, about; beyond it segments are set aside in a file. */
  budgetBytes: number;
}

/** Segments that are read at the same time. */
const readsAtOnce = 2;

/**
 * The segments that an overlay takes its pieces from. Each is read once, as soon as the first of its pieces is wanted,
 * and kept until its layer has gone on to a later one and the last piece is done with: since pieces ascend and so do a
 * layer's segments, that is one segment for each layer and those that the look-ahead has begun.
 *
 * When these are more than the budget (a hundred increments, each scattered over the whole image), those that were not
 * used for the longest time are set aside in a file instead of being read again and again (I11).
 */
export class SegmentPool {
  readonly #options: SegmentPoolOptions;
  readonly #spill: SpillFile;
  readonly #newest = new Map<number, PooledSegment>();
  readonly #held = new Set<PooledSegment>();
  readonly #waiting: (() => void)[] = [];
  #reading = 0;
  #residentBytes = 0;

  constructor(options: SegmentPoolOptions) {
    this.#options = options;
    this.#spill = new SpillFile(options.maxPlainBytes);
  }

  /** To be called in the order of the pieces; one `release` for each call. */
  want(layer: number, entry: SegmentEntry): PooledSegment {
    const newest = this.#newest.get(layer);
    if (newest?.number === entry.number) {
      newest.users += 1;
      return newest;
    }
    const segment = new PooledSegment(layer, entry.number);
    this.#newest.set(layer, segment);
    this.#held.add(segment);
    if (newest !== undefined) this.#dropIfDone(newest);
    segment.loaded = this.#load(layer, entry, segment);
    // Looked at when the first piece is copied; until then it must not count as unhandled.
    segment.loaded.catch(() => undefined);
    return segment;
  }

  /** Copies `length` bytes from `position` of the segment into `target` at `at`. */
  async copy(
    segment: PooledSegment,
    position: number,
    length: number,
    target: Buffer,
    at: number,
  ): Promise<void> {
    await segment.loaded;
    if (segment.plain !== undefined) {
      segment.plain.copy(target, at, position, position + length);
      // Moved to the end: the set is ordered by last use.
      this.#held.delete(segment);
      this.#held.add(segment);
    } else if (segment.slot !== undefined) {
      await this.#spill.read(segment.slot, position, target.subarray(at, at + length));
    }
  }

  release(segment: PooledSegment): void {
    segment.users -= 1;
    this.#dropIfDone(segment);
  }

  /** Waits for what is still being read; the pool is of no use afterwards. */
  async close(): Promise<void> {
    const held = [...this.#held];
    await Promise.allSettled(held.map(({ loaded }) => loaded));
    for (const { plain } of held) if (plain !== undefined) releaseMemory(plain);
    this.#held.clear();
    await this.#spill.close();
  }

  async #load(layer: number, entry: SegmentEntry, segment: PooledSegment): Promise<void> {
    if (this.#reading >= readsAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#reading += 1;
    try {
      segment.plain = await this.#options.read(layer, entry);
      this.#residentBytes += segment.plain.length;
      await this.#keepBudget(segment);
    } finally {
      this.#reading -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** Sets aside what was not used for longest, never what was just read. */
  async #keepBudget(fresh: PooledSegment): Promise<void> {
    for (const segment of this.#held) {
      if (this.#residentBytes <= this.#options.budgetBytes) return;
      const { plain } = segment;
      if (segment === fresh || plain === undefined || segment.isLeaving) continue;
      segment.isLeaving = true;
      const slot = await this.#spill.write(plain);
      if (this.#held.has(segment)) segment.slot = slot;
      else this.#spill.free(slot);
      this.#forget(segment);
    }
  }

  #dropIfDone(segment: PooledSegment): void {
    if (segment.users > 0 || this.#newest.get(segment.layer) === segment) return;
    this.#held.delete(segment);
    if (segment.slot !== undefined) this.#spill.free(segment.slot);
    // Who writes it to the file gives its memory back afterwards.
    if (!segment.isLeaving) this.#forget(segment);
  }

  #forget(segment: PooledSegment): void {
    const { plain } = segment;
    if (plain === undefined) return;
    segment.plain = undefined;
    this.#residentBytes -= plain.length;
    releaseMemory(plain);
  }
}
