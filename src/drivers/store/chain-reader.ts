import { AppError } from '../../base/errors.ts';
import { throwIfCancelled } from '../../base/retry.ts';
import type { IndexEntry, SegmentEntry } from '../../domain/link-index/entries.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import type { LivePiece } from '../../domain/overlay/layers.ts';
import { overlay } from '../../domain/overlay/overlay.ts';
import { FlatStream } from './flat-stream.ts';
import { withSegments } from './live-pieces.ts';
import { SegmentPool } from './segment-pool.ts';

/** What a chain is read from: BackupStore has both. */
export interface LinkSource {
  openLinkIndex(manifest: LinkManifest): AsyncIterable<IndexEntry[]>;
  readLinkSegment(manifest: LinkManifest, entry: SegmentEntry): Promise<Buffer>;
}

/** Of an image. */
export interface ByteRange {
  offset: number;
  length: number;
}

export interface ChainStreamOptions {
  signal?: AbortSignal | undefined;
  /** Image offset up to which everything was given out, bytes. */
  onPosition?: ((position: number) => void) | undefined;
}

/** Plain bytes of segments in memory; more are set aside in a file. */
const poolBytes = 32 * 1024 * 1024;

/**
 * One whole `rbd diff v1` stream from nothing to the to-snapshot of the chain's last link: each live byte once, in
 * ascending order, zeros left out. Segments without a live byte are not read. A chunk is valid until the next one is
 * asked for. For the errors see BackupStore.openChainStream.
 */
export async function* readChainStream(
  source: LinkSource,
  links: readonly LinkManifest[],
  { signal, onPosition }: ChainStreamOptions = {},
): AsyncGenerator<Buffer, void, undefined> {
  const last = requireChain(links);
  const stream = new FlatStream(last.toSnapshot.name, last.source.sizeBytes);
  const pool = openPool(source, links);
  try {
    for await (const { offset, length, data } of withSegments(overlayOf(source, links), pool)) {
      if (data === undefined) continue;
      throwIfCancelled(signal);
      for (let done = 0; done < length;) {
        const room = stream.room(offset + done, length - done);
        if (room === 0) {
          yield stream.take();
          onPosition?.(offset + done);
          continue;
        }
        const { target, at } = stream.place(offset + done, room);
        await pool.copy(data.from, data.position + done, room, target, at);
        done += room;
      }
    }
    yield stream.finish();
    onPosition?.(last.source.sizeBytes);
  } finally {
    await pool.close();
  }
}

/**
 * The bytes of ranges of the image at the chain's last point, which ascend and do not overlap; what lies beyond its end
 * is left out. One walk over the indexes for all of them: reading those of a long chain takes longer than a range does.
 */
export async function* readChainRanges(
  source: LinkSource,
  links: readonly LinkManifest[],
  ranges: readonly ByteRange[],
): AsyncGenerator<Buffer, void, undefined> {
  const { sizeBytes } = requireChain(links).source;
  const pieces = overlayOf(source, links);
  try {
    let batch: LivePiece[] | undefined = [];
    for (const { offset, length } of ranges) {
      const end = Math.min(offset + length, sizeBytes);
      const bytes = Buffer.alloc(Math.max(0, end - offset));
      // One for each range: what a range needs of a segment is read once, and nothing is kept for the next (I11).
      const pool = openPool(source, links);
      try {
        await copyPieces(pool, batch, { offset, bytes });
        // The batch that reaches beyond the range is the next one's too.
        while (batch !== undefined && endOf(batch) < end) {
          const next = await pieces.next();
          batch = next.done === true ? undefined : next.value;
          await copyPieces(pool, batch, { offset, bytes });
        }
      } finally {
        await pool.close();
      }
      yield bytes;
    }
  } finally {
    await pieces.return();
  }
}

function endOf(batch: readonly LivePiece[]): number {
  const last = batch.at(-1);
  return last === undefined ? 0 : last.offset + last.length;
}

async function copyPieces(
  pool: SegmentPool,
  batch: readonly LivePiece[] = [],
  { offset, bytes }: { offset: number; bytes: Buffer },
): Promise<void> {
  for (const piece of batch) {
    const from = Math.max(offset, piece.offset);
    const to = Math.min(offset + bytes.length, piece.offset + piece.length);
    if (piece.segment === undefined || piece.position === undefined || from >= to) continue;
    const segment = pool.want(piece.layer, piece.segment);
    await pool.copy(segment, piece.position + from - piece.offset, to - from, bytes, from - offset);
    pool.release(segment);
  }
}

/** The overlay of the links, oldest first. */
export function overlayOf(source: LinkSource, links: readonly LinkManifest[]): ReturnType<typeof overlay> {
  return overlay(
    links.map((link) => ({ entries: source.openLinkIndex(link), sizeBytes: link.source.sizeBytes })),
  );
}

/** To be closed. */
export function openPool(
  source: LinkSource,
  links: readonly LinkManifest[],
  budgetBytes = poolBytes,
): SegmentPool {
  return new SegmentPool({
    read: async (layer, entry) => await source.readLinkSegment(requireLink(links, layer), entry),
    maxPlainBytes: Math.max(...links.map(({ segments }) => segments.maxPlainBytes)),
    budgetBytes,
  });
}

function requireLink(links: readonly LinkManifest[], layer: number): LinkManifest {
  const link = links[layer];
  if (link === undefined) throw new AppError('BUG_MISSING', `the chain has no link ${layer}`);
  return link;
}

/** A chain of links that do not stand on each other would be laid over each other to bytes that never were. */
function requireChain(links: readonly LinkManifest[]): LinkManifest {
  let before: LinkManifest | undefined;
  for (const link of links) {
    const fits =
      before === undefined
        ? link.kind === 'full'
        : link.parentLinkId === before.linkId && link.diskKey === before.diskKey;
    if (!fits) throw new AppError('INTEGRITY_CHAIN', `Link ${link.linkId} does not stand on the one before.`);
    before = link;
  }
  if (before === undefined) throw new AppError('INTEGRITY_CHAIN', 'The chain has no link.');
  return before;
}
