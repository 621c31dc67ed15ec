import type { IndexEntry } from '../link-index/entries.ts';
import type { LivePiece } from './layers.ts';

interface Tally {
  dataBytes: number;
  zeroBytes: number;
}

/**
 * Finds the segments of an overlay of which everything still holds and between whose records nothing of another layer
 * comes: they can be taken over as they are. Never a link's first or last one, which hold its headers and its end.
 *
 * To be fed with all entries of every layer and all pieces of the overlay; memory is some bytes for each segment (I11).
 */
export class WholeSegments {
  /** By layer and number: what a segment holds, and what of it is still live. */
  readonly #held = new Map<string, Tally>();
  readonly #live = new Map<string, Tally>();
  readonly #cutThrough = new Set<string>();
  #current: string | undefined;

  /** The entries of one layer, passed on. */
  async *watch(layer: number, batches: AsyncIterable<IndexEntry[]>): AsyncGenerator<IndexEntry[], void> {
    let tally: Tally | undefined;
    for await (const batch of batches) {
      for (const entry of batch) {
        if (entry.type === 'segment') {
          tally = { dataBytes: 0, zeroBytes: 0 };
          this.#held.set(keyOf(layer, entry.number), tally);
        } else if (tally !== undefined && entry.type !== 'end') {
          add(tally, entry.length, entry.type === 'data');
        }
      }
      yield batch;
    }
  }

  piece({ layer, segment, length, position }: LivePiece): void {
    const key = segment === undefined ? '' : keyOf(layer, segment.number);
    let tally = this.#live.get(key);
    // Back in a segment after something else: that stands between its records.
    if (key !== this.#current && tally !== undefined) this.#cutThrough.add(key);
    this.#current = key;
    if (tally === undefined) this.#live.set(key, (tally = { dataBytes: 0, zeroBytes: 0 }));
    add(tally, length, position !== undefined);
  }

  /** After the last piece. @param count segments of the layer */
  isWhole(layer: number, number: number, count: number): boolean {
    if (number === 0 || number === count - 1) return false;
    const key = keyOf(layer, number);
    const [held, live] = [this.#held.get(key), this.#live.get(key)];
    return (
      held !== undefined &&
      held.dataBytes === live?.dataBytes &&
      held.zeroBytes === live.zeroBytes &&
      !this.#cutThrough.has(key)
    );
  }
}

function keyOf(layer: number, number: number): string {
  return `${layer}/${number}`;
}

function add(tally: Tally, bytes: number, isData: boolean): void {
  if (isData) tally.dataBytes += bytes;
  else tally.zeroBytes += bytes;
}
