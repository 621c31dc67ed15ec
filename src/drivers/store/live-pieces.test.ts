import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SegmentEntry } from '../../domain/link-index/entries.ts';
import type { LivePiece } from '../../domain/overlay/layers.ts';
import { withSegments } from './live-pieces.ts';
import { SegmentPool } from './segment-pool.ts';

const mib = 1024 * 1024;

function segment(number: number): SegmentEntry {
  return { type: 'segment', number, plainBytes: mib, storedBytes: mib, sha256: Buffer.alloc(32), dataKey: 0 };
}

/** One batch, as the index of a small or compact link is: all pieces at once. */
function* oneBatch(segments: number, pieceBytes: number): Generator<LivePiece[]> {
  const pieces: LivePiece[] = [];
  for (let offset = 0; offset < segments * mib; offset += pieceBytes)
    pieces.push({
      layer: 0,
      offset,
      length: pieceBytes,
      segment: segment(Math.floor(offset / mib)),
      position: offset % mib,
    });
  yield pieces;
}

for (const pieceBytes of [mib, 1024]) {
  test(`I11: one batch of the whole image is read some MiB ahead, not at once (pieces of ${pieceBytes} bytes)`, async () => {
    let given = 0;
    let read = 0;
    let mostAhead = 0;
    const pool = new SegmentPool({
      read: () => {
        read += 1;
        mostAhead = Math.max(mostAhead, read - given / mib);
        return Promise.resolve(Buffer.alloc(mib));
      },
      maxPlainBytes: mib,
      budgetBytes: 1024 * mib,
    });
    const target = Buffer.alloc(pieceBytes);
    for await (const { data, length, offset } of withSegments(fromList(oneBatch(64, pieceBytes)), pool)) {
      assert.equal(offset, given, 'in order');
      assert.ok(data);
      await pool.copy(data.from, data.position, length, target, 0);
      given += length;
    }
    await pool.close();
    assert.equal(given, 64 * mib);
    assert.equal(read, 64, 'each segment once');
    assert.ok(mostAhead <= 11, `${mostAhead} segments ahead`);
  });
}

// eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
async function* fromList<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
