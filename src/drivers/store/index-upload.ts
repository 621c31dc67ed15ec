import { createHash } from 'node:crypto';
import { encodeEnd, encodeSegment } from '../../domain/link-index/encode.ts';
import { emptyTotals, indexBanner } from '../../domain/link-index/entries.ts';
import type { IndexTotals } from '../../domain/link-index/entries.ts';
import type { PackedSegment } from '../../domain/link-index/segment-packer.ts';
import { compressFrame, compressStreamFrame } from './codec.ts';
import type { ObjectCallOptions, ObjectStore } from './object-store.ts';
import { PushQueue } from './push-queue.ts';
import type { LinkSealing } from './sealing.ts';

/** Plain bytes of index that are compressed into one frame. */
const frameBytes = 1024 * 1024;

/** A packed segment after its object is durable. */
export interface StoredSegment {
  packed: Omit<PackedSegment, 'plain'>;
  plainBytes: number;
  storedBytes: number;
  sha256: Buffer;
}

export interface StoredIndex {
  storedBytes: number;
  sha256: string;
  totals: IndexTotals;
}

/** How the objects of one link are put. */
export interface SealedPut extends ObjectCallOptions {
  /** With which the segments are encrypted, and the index as well; undefined: nothing is. */
  sealing?: LinkSealing | undefined;
}

/**
 * Writes a link's index while its segments are written, in memory that does not grow with it (I11). An index of one
 * frame is stored in one piece; a longer one is uploaded as it grows.
 */
export class IndexUpload {
  readonly #store: ObjectStore;
  readonly #key: string;
  readonly #sealing: LinkSealing | undefined;
  readonly #signal: AbortSignal | undefined;
  #frames = 0;
  readonly #hash = createHash('sha256');
  readonly #totals = emptyTotals();
  #pieces: Buffer[] = [indexBanner];
  #pieceBytes = indexBanner.length;
  #storedBytes = 0;
  #upload: { queue: PushQueue<Buffer>; put: Promise<number> } | undefined;

  constructor(store: ObjectStore, key: string, { sealing, signal }: SealedPut = {}) {
    this.#store = store;
    this.#key = key;
    this.#sealing = sealing;
    this.#signal = signal;
  }

  get totals(): Readonly<IndexTotals> {
    return this.#totals;
  }

  /** Segments in their order, each only after it is durable (I1). */
  async add({ packed, plainBytes, storedBytes, sha256: hash }: StoredSegment): Promise<void> {
    this.#append(
      encodeSegment({ plainBytes, storedBytes, dataKey: this.#sealing === undefined ? 0 : 1, sha256: hash }),
    );
    this.#append(packed.extents);
    this.#totals.segments += 1;
    this.#totals.dataExtents += packed.dataExtents;
    this.#totals.zeroExtents += packed.zeroExtents;
    this.#totals.dataBytes += packed.dataBytes;
    this.#totals.zeroBytes += packed.zeroBytes;
    this.#totals.plainBytes += plainBytes;
    this.#totals.storedBytes += storedBytes;
    if (this.#pieceBytes < frameBytes) return;
    this.#upload ??= this.#startUpload();
    await this.#upload.queue.push(await this.#takeFrame());
  }

  /** Resolves when the index is durable. */
  async finish(): Promise<StoredIndex> {
    this.#append(encodeEnd(this.#totals));
    const frame = await this.#takeFrame();
    if (this.#upload === undefined) {
      await this.#store.put(this.#key, frame, { signal: this.#signal });
    } else {
      await this.#upload.queue.push(frame);
      this.#upload.queue.end();
      await this.#upload.put;
    }
    return { storedBytes: this.#storedBytes, sha256: this.#hash.digest('hex'), totals: this.#totals };
  }

  /** Ends a running upload without an object; resolves when nothing of it runs any more. */
  async abandon(error: unknown): Promise<void> {
    this.#upload?.queue.fail(error);
    await this.#upload?.put.catch(() => undefined);
  }

  #startUpload(): { queue: PushQueue<Buffer>; put: Promise<number> } {
    const queue = new PushQueue<Buffer>(2);
    const put = this.#store.put(this.#key, queue, { signal: this.#signal });
    // A failed upload must reach the producer, which may be waiting in push and never come to await `put`.
    put.catch((error: unknown) => queue.close(error));
    return { queue, put };
  }

  #append(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#pieceBytes += bytes.length;
  }

  async #takeFrame(): Promise<Buffer> {
    const plain = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#pieceBytes = 0;
    const frame = await compressStreamFrame(plain, this.#sealing?.indexFrame(this.#frames++));
    this.#hash.update(frame);
    this.#storedBytes += frame.length;
    return frame;
  }
}

/** Compresses, encrypts and stores one segment; `release` gets its buffer back as soon as that was read. */
export async function storeSegment(
  store: ObjectStore,
  key: string,
  packed: PackedSegment,
  release: (plain: Buffer) => void,
  { sealing, signal }: SealedPut = {},
): Promise<StoredSegment> {
  const { plain, ...rest } = packed;
  const plainBytes = plain.length;
  const frame = await compressFrame(plain, sealing?.segment(packed.number)).finally(() => release(plain));
  await store.put(key, frame.pieces, { signal });
  frame.release();
  return { packed: rest, plainBytes, storedBytes: frame.sizeBytes, sha256: frame.sha256 };
}
