import { AppError, describeError } from '../../base/errors.ts';
import { releaseMemory } from '../../base/memory.ts';
import { throwIfCancelled } from '../../base/retry.ts';
import type { DataExtent, SegmentEntry, ZeroExtent } from '../../domain/link-index/entries.ts';
import { SegmentWalk } from '../../domain/link-index/segment-walk.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { readIndex, readSegment } from './link-reader.ts';
import { noMasterKeys } from './master-key.ts';
import type { MasterKeys } from './master-key.ts';
import { readsUntil, type StoreReads } from './store-reads.ts';

/** Damages that are told one by one; of a link that is damaged all over the rest is only counted (I11). */
const maxToldDamages = 100;

export interface LinkDamage {
  /** Undefined when it is not about one segment: the index. */
  segment?: number;
  reason: string;
}

export interface LinkInspection {
  /** Segments that were read, damaged ones included. */
  segments: number;
  /** Plain bytes of the whole ones. */
  plainBytes: number;
  /** Empty when the link is whole; the first hundred otherwise. */
  damages: LinkDamage[];
  damageCount: number;
}

export interface InspectLinkOptions {
  signal?: AbortSignal | undefined;
  /** After each segment. */
  onProgress?: ((progress: { segments: number; plainBytes: number }) => void) | undefined;
}

/**
 * Reads a link completely and compares everything that says the same twice: index with manifest, every segment's
 * length and hash, its decompressed bytes, and each of its records with the index's extents. Damage is collected, not
 * thrown, so that all of it is known; what is no damage (STORE_*, CANCELLED_*) is thrown. Holds one segment (I11).
 */
export async function inspectLink(
  store: StoreReads,
  manifest: LinkManifest,
  options: InspectLinkOptions = {},
  keys: MasterKeys = noMasterKeys,
): Promise<LinkInspection> {
  const inspector = new LinkInspector(readsUntil(store, options.signal), manifest, options, keys);
  return await inspector.run();
}

class LinkInspector {
  readonly #store: StoreReads;
  readonly #manifest: LinkManifest;
  readonly #options: InspectLinkOptions;
  readonly #keys: MasterKeys;
  readonly #found: LinkInspection = { segments: 0, plainBytes: 0, damages: [], damageCount: 0 };
  /** Undefined before the first segment, and after damage until the next one. */
  #segment: { entry: SegmentEntry; plain: Buffer; walk: SegmentWalk } | undefined;

  constructor(store: StoreReads, manifest: LinkManifest, options: InspectLinkOptions, keys: MasterKeys) {
    this.#store = store;
    this.#manifest = manifest;
    this.#options = options;
    this.#keys = keys;
  }

  async run(): Promise<LinkInspection> {
    try {
      for await (const entries of readIndex(this.#store, this.#manifest, this.#keys)) {
        for (const entry of entries) {
          if (entry.type === 'segment') await this.#begin(entry);
          else if (entry.type !== 'end') this.#compare(entry);
        }
      }
      this.#end();
      if (this.#found.segments === 0) throw new RangeError('it has no segment');
    } catch (error) {
      this.#damaged(undefined, error);
    }
    return this.#found;
  }

  async #begin(entry: SegmentEntry): Promise<void> {
    throwIfCancelled(this.#options.signal);
    this.#end();
    this.#found.segments += 1;
    try {
      const plain = await readSegment(this.#store, this.#manifest, entry, this.#keys);
      const { fromSnapshot, toSnapshot, source } = this.#manifest;
      const start = {
        fromSnapshot: fromSnapshot?.name,
        toSnapshot: toSnapshot.name,
        sizeBytes: source.sizeBytes,
      };
      const walk = new SegmentWalk(plain, entry.number === 0 ? start : undefined);
      this.#segment = { entry, plain, walk };
    } catch (error) {
      this.#damaged(entry.number, error);
    }
  }

  #compare(extent: DataExtent | ZeroExtent): void {
    try {
      this.#segment?.walk.expect(extent);
    } catch (error) {
      this.#damaged(this.#segment?.entry.number, error);
    }
  }

  #end(): void {
    const { onProgress } = this.#options;
    const segment = this.#segment;
    if (segment !== undefined) {
      try {
        segment.walk.finish(segment.entry.number === this.#manifest.segments.count - 1);
        this.#found.plainBytes += segment.entry.plainBytes;
      } catch (error) {
        this.#damaged(segment.entry.number, error);
      }
      releaseMemory(segment.plain);
      this.#segment = undefined;
    }
    if (this.#found.segments > 0) {
      onProgress?.({ segments: this.#found.segments, plainBytes: this.#found.plainBytes });
    }
  }

  /** Keeps what is damage and throws the rest on; nothing is compared with a damaged segment any more. */
  #damaged(segment: number | undefined, error: unknown): void {
    const isDamage =
      error instanceof RangeError || (error instanceof AppError && error.code.startsWith('INTEGRITY_'));
    if (!isDamage) throw error;
    this.#segment = undefined;
    this.#found.damageCount += 1;
    if (this.#found.damages.length >= maxToldDamages) return;
    const reason =
      error instanceof RangeError
        ? `${segment === undefined ? 'The index' : `Segment ${segment}`} of link ${this.#manifest.linkId} is damaged: ${error.message}.`
        : describeError(error);
    this.#found.damages.push(segment === undefined ? { reason } : { segment, reason });
  }
}
