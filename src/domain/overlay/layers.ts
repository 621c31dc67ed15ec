import type { IndexEntry, SegmentEntry } from '../link-index/entries.ts';

/** One link of a chain: its index, and the image's size at its to-snapshot. */
export interface Layer {
  entries: AsyncIterable<IndexEntry[]>;
  sizeBytes: number;
}

/** A range of the image and who has the last word on it. */
export interface LivePiece {
  offset: number;
  length: number;
  /** Index of the layer, 0 is the oldest. */
  layer: number;
  /** The layer's segment with the record that says it; undefined where the layer's image ends before the newest. */
  segment: SegmentEntry | undefined;
  /** Where the bytes begin in the segment's plain bytes; undefined when the range reads as zeros. */
  position: number | undefined;
}
