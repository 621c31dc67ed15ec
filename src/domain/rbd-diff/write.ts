import { dataRecordHeaderBytes, diffBanner, tags } from './records.ts';
import type { DiffRecord, HeaderRecord } from './records.ts';

/** The first bytes of every stream. */
export function encodeBanner(): Buffer {
  return Buffer.from(diffBanner, 'latin1');
}

export function encodeHeader(record: HeaderRecord): Buffer {
  if (record.type === 'image-size') {
    const bytes = Buffer.alloc(9, tags.imageSize);
    writeU64(bytes, 1, record.sizeBytes);
    return bytes;
  }
  const name = Buffer.from(record.name, 'utf8');
  const bytes = Buffer.alloc(5 + name.length, record.type === 'from-snap' ? tags.fromSnap : tags.toSnap);
  bytes.writeUInt32LE(name.length, 1);
  name.copy(bytes, 5);
  return bytes;
}

/** Writes the 17 bytes that begin a write or zero record into `target` at `at`. */
export function writeDataHeader(
  target: Buffer,
  at: number,
  kind: 'write' | 'zero',
  offset: number,
  length: number,
): void {
  target[at] = tags[kind];
  writeU64(target, at + 1, offset);
  writeU64(target, at + 9, length);
}

export function encodeDataHeader(kind: 'write' | 'zero', offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(dataRecordHeaderBytes);
  writeDataHeader(bytes, 0, kind, offset, length);
  return bytes;
}

export function encodeEnd(): Buffer {
  return Buffer.of(tags.end);
}

/**
 * A complete stream, byte for byte as `rbd export-diff` would write these records. What is out of order is written
 * as it comes; the reader refuses it.
 */
export function* writeDiff(records: Iterable<DiffRecord>): Generator<Buffer, void, undefined> {
  yield encodeBanner();
  for (const record of records) {
    if (record.type === 'write') {
      yield encodeDataHeader('write', record.offset, record.data.length);
      yield record.data;
    } else if (record.type === 'zero') {
      yield encodeDataHeader('zero', record.offset, record.length);
    } else {
      yield encodeHeader(record);
    }
  }
  yield encodeEnd();
}

function writeU64(target: Buffer, at: number, value: number): void {
  target.writeUInt32LE(value % 0x1_0000_0000, at);
  target.writeUInt32LE(Math.floor(value / 0x1_0000_0000), at + 4);
}
