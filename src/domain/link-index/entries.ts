/** The index stream of format v1: docs/design/format.md, section "Index". */
export const indexBanner = Buffer.from('emberkeep index v1\n', 'latin1');

export const indexTags = { segment: 1, data: 2, zero: 3, end: 4 } as const;

export const sha256Bytes = 32;

/** One stored object: a whole zstd frame that holds whole records of the diff stream. */
export interface SegmentEntry {
  type: 'segment';
  /** 0, 1, 2, ... in the order of the stream; also the object's name. */
  number: number;
  plainBytes: number;
  storedBytes: number;
  /** Which of the link's data keys the object is encrypted with; 0 when it is not encrypted. */
  dataKey: number;
  /** Of the bytes as stored. */
  sha256: Buffer;
}

/** Written bytes: `length` bytes at image offset `offset` are at `position` of the current segment's plain bytes. */
export interface DataExtent {
  type: 'data';
  offset: number;
  length: number;
  position: number;
}

/** A range of the image that reads as zeros. */
export interface ZeroExtent {
  type: 'zero';
  offset: number;
  length: number;
}

export interface IndexTotals {
  segments: number;
  dataExtents: number;
  zeroExtents: number;
  /** Sums of the lengths of data and zero extents. */
  dataBytes: number;
  zeroBytes: number;
  /** Sums over the segments. */
  plainBytes: number;
  storedBytes: number;
}

/** Extents ascend by offset and do not overlap; each data extent belongs to the segment entry before it. */
export type IndexEntry = SegmentEntry | DataExtent | ZeroExtent | { type: 'end'; totals: IndexTotals };

export function emptyTotals(): IndexTotals {
  return {
    segments: 0,
    dataExtents: 0,
    zeroExtents: 0,
    dataBytes: 0,
    zeroBytes: 0,
    plainBytes: 0,
    storedBytes: 0,
  };
}
