import { LayerCursor } from './layer-cursor.ts';
import type { Layer, LivePiece } from './layers.ts';

/** Pieces that are given out together: one promise for each would cost more than the overlay itself. */
const batchPieces = 256;

/**
 * Lays the links of a chain over each other, oldest first, newest wins: what an import of all of them in order would
 * leave in the image, as ascending pieces that do not overlap. Ranges that no layer has are left out.
 *
 * A layer whose image was smaller than the last one's reads as zeros beyond its end, for those before it as well: a
 * shrink discards what it cuts off, even when the image grows again later (docs/design/format.md, "The plain stream").
 *
 * Memory is one batch of entries for each layer (I11); what a layer throws is thrown on.
 */
export async function* overlay(layers: readonly Layer[]): AsyncGenerator<LivePiece[], void, undefined> {
  const imageBytes = layers.at(-1)?.sizeBytes ?? 0;
  const cursors = layers.map((layer) => new LayerCursor(layer, imageBytes));
  let batch: LivePiece[] = [];
  try {
    for (let at = 0; at < imageBytes;) {
      for (const cursor of cursors) while (!cursor.skipTo(at)) await cursor.fill();
      const { layer, limit } = newestAt(cursors, at, imageBytes);
      const cursor = cursors[layer];
      if (cursor === undefined) {
        at = limit;
        continue;
      }
      const end = Math.min(cursor.end, limit);
      batch.push({ offset: at, length: end - at, layer, ...cursor.placeOf(at) });
      at = end;
      if (batch.length < batchPieces) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
}

/** The newest layer that covers `at` (-1 when none does), and where a newer one, or any, begins. */
function newestAt(
  cursors: readonly LayerCursor[],
  at: number,
  imageBytes: number,
): { layer: number; limit: number } {
  let limit = imageBytes;
  for (let layer = cursors.length - 1; layer >= 0; layer--) {
    const start = cursors[layer]?.start ?? Infinity;
    if (start <= at) return { layer, limit };
    if (start < limit) limit = start;
  }
  return { layer: -1, limit };
}
