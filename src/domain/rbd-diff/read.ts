import { DiffParser } from './diff-parser.ts';
import type { DiffRecord, HeaderRecord } from './records.ts';

/** A record as it comes off the stream: the data of a write record follows its `write` in pieces. */
export type DiffEvent =
  | HeaderRecord
  | { type: 'write'; offset: number; length: number }
  | { type: 'data'; bytes: Buffer }
  | { type: 'zero'; offset: number; length: number }
  | { type: 'end' };

/**
 * Reads an rbd diff stream: yields the events of each chunk together, because one await per record would cost more
 * than the parse. Bounded memory: no write record is ever held whole. The generator returns only after `e` was seen
 * and the stream ended right behind it (I2).
 *
 * Throws INTEGRITY_DIFF_MALFORMED, INTEGRITY_DIFF_TRUNCATED and whatever the stream throws.
 */
export async function* readDiff(stream: AsyncIterable<Buffer>): AsyncGenerator<DiffEvent[], void, undefined> {
  let events: DiffEvent[] = [];
  const parser = new DiffParser({
    header: (record) => events.push(record),
    write: (offset, length) => events.push({ type: 'write', offset, length }),
    data: (bytes) => events.push({ type: 'data', bytes }),
    zero: (offset, length) => events.push({ type: 'zero', offset, length }),
    end: () => events.push({ type: 'end' }),
  });
  for await (const chunk of stream) {
    parser.push(chunk);
    if (events.length === 0) continue;
    yield events;
    events = [];
  }
  parser.finish();
}

/** Every record of a small stream, data joined: for tests and tools; memory grows with the stream. */
export async function collectRecords(stream: AsyncIterable<Buffer>): Promise<DiffRecord[]> {
  const records: DiffRecord[] = [];
  let pieces: Buffer[] = [];
  let open: { offset: number; length: number } | undefined;
  let held = 0;
  for await (const events of readDiff(stream)) {
    for (const event of events) {
      if (event.type === 'write') {
        open = { offset: event.offset, length: event.length };
        pieces = [];
        held = 0;
      } else if (event.type === 'data') {
        pieces.push(event.bytes);
        held += event.bytes.length;
        if (open?.length === held)
          records.push({ type: 'write', offset: open.offset, data: Buffer.concat(pieces) });
      } else if (event.type !== 'end') {
        records.push(event);
      }
    }
  }
  return records;
}
