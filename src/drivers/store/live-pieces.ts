import type { LivePiece } from '../../domain/overlay/layers.ts';
import type { SegmentEntry } from '../../domain/link-index/entries.ts';
import type { PooledSegment } from './pooled-segment.ts';
import type { SegmentPool } from './segment-pool.ts';

/** A live piece whose segment is being read, or was. */
export interface ReadyPiece extends LivePiece {
  /** Undefined when the range reads as zeros, and when its segment is not wanted. */
  data: { from: PooledSegment; position: number } | undefined;
}

/** Whether anything of a segment is to be read. */
type Wanted = (layer: number, segment: SegmentEntry) => boolean;

/** How far the look-ahead goes: enough for the next segments to be read meanwhile. */
const aheadBytes = 8 * 1024 * 1024;
const aheadPieces = 4096;

/**
 * The pieces of an overlay, each after its segment was asked for some MiB ahead. A piece is done with when the next
 * one is asked for.
 */
export async function* withSegments(
  batches: AsyncIterable<LivePiece[]>,
  pool: SegmentPool,
  wanted: Wanted = () => true,
): AsyncGenerator<ReadyPiece, void, undefined> {
  const ahead: ReadyPiece[] = [];
  let first = 0;
  let bytes = 0;
  for await (const batch of batches) {
    // Piece by piece, since one batch can hold the whole image: its segments would all be read at once.
    for (const piece of batch) {
      const ready = { ...piece, data: dataOf(piece, pool, wanted) };
      ahead.push(ready);
      bytes += dataBytes(ready);
      while (bytes > aheadBytes || ahead.length - first > aheadPieces) {
        const next = ahead[first++];
        if (next === undefined) break;
        bytes -= dataBytes(next);
        yield next;
        if (next.data !== undefined) pool.release(next.data.from);
      }
      if (first <= aheadPieces) continue;
      ahead.splice(0, first);
      first = 0;
    }
  }
  for (const piece of ahead.slice(first)) {
    yield piece;
    if (piece.data !== undefined) pool.release(piece.data.from);
  }
}

function dataOf(
  { layer, segment, position }: LivePiece,
  pool: SegmentPool,
  wanted: Wanted,
): ReadyPiece['data'] {
  if (segment === undefined || position === undefined || !wanted(layer, segment)) return undefined;
  return { from: pool.want(layer, segment), position };
}

function dataBytes({ data, length }: ReadyPiece): number {
  return data === undefined ? 0 : length;
}
