import type { LinkManifest } from '../../domain/manifest.ts';
import { overlayOf, type LinkSource } from './chain-reader.ts';

/** What a chain's flat stream costs, as its indexes tell. */
export interface ChainUsage {
  /** Bytes of the segments with something live in them, as stored: what is fetched. */
  storedBytes: number;
  /** Live bytes: what is written. */
  dataBytes: number;
}

/** Reads the indexes and no segment. Memory is that of the overlay (I11). */
export async function measureChain(source: LinkSource, links: readonly LinkManifest[]): Promise<ChainUsage> {
  const usage: ChainUsage = { storedBytes: 0, dataBytes: 0 };
  // A link's extents ascend, and so do its segments: each is met in one go, whatever lies between its pieces.
  const last = new Map<number, number>();
  for await (const pieces of overlayOf(source, links)) {
    for (const { length, layer, segment, position } of pieces) {
      if (segment === undefined || position === undefined) continue;
      usage.dataBytes += length;
      if ((last.get(layer) ?? -1) >= segment.number) continue;
      last.set(layer, segment.number);
      usage.storedBytes += segment.storedBytes;
    }
  }
  return usage;
}
