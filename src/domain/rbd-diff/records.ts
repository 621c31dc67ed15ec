/**
 * The records of an `rbd diff v1` stream, as `rbd export-diff` writes and `rbd import-diff` reads it
 * (Ceph: doc/dev/rbd-diff.rst, src/tools/rbd/action/Export.cc and Import.cc). All integers are little endian.
 * Header records come before the first data record; `e` is the last byte of a complete stream.
 */
export const diffBanner = 'rbd diff v1\n';

/** Tag, offset (u64) and length (u64) of a write or zero record. */
export const dataRecordHeaderBytes = 17;

/** Longest snapshot name that a stream may carry, bytes; far above what RBD lets anybody create. */
export const maxSnapshotNameBytes = 4096;

/** Zero elimination and everything built on it works on image-aligned blocks of this many bytes. */
export const blockBytes = 4096;

export const tags = {
  fromSnap: 0x66,
  toSnap: 0x74,
  imageSize: 0x73,
  write: 0x77,
  zero: 0x7a,
  end: 0x65,
} as const;

export type HeaderRecord =
  | { type: 'from-snap'; name: string }
  | { type: 'to-snap'; name: string }
  | { type: 'image-size'; sizeBytes: number };

export type DiffRecord =
  | HeaderRecord
  | { type: 'write'; offset: number; data: Buffer }
  /** The range reads as zeros: import-diff discards it, which on a fresh image is harmless. */
  | { type: 'zero'; offset: number; length: number };

/**
 * Receives a stream's records in order. A write record is one `write` followed by as many `data` as it takes;
 * no method is called again after `end`. Whatever a method throws ends the parse.
 */
export interface DiffSink {
  header(record: HeaderRecord): void;
  write(offset: number, length: number): void;
  /** The next bytes of the current write record, never empty. *Must not* be kept: the memory is reused. */
  data(bytes: Buffer): void;
  zero(offset: number, length: number): void;
  end(): void;
}
