import { releaseMemory } from '../../base/memory.ts';
import { SegmentPacker } from '../../domain/link-index/segment-packer.ts';
import type { PackedSegment } from '../../domain/link-index/segment-packer.ts';
import { formatVersion } from '../../domain/manifest.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { IndexUpload, storeSegment } from './index-upload.ts';
import type { StoredSegment } from './index-upload.ts';
import { indexKey, segmentKey } from './keys.ts';
import type { MasterKey } from './master-key.ts';
import type { ObjectStore } from './object-store.ts';
import { createLinkSealing } from './sealing-keys.ts';
import type { LinkIdentity, LinkSealing } from './sealing.ts';

const defaultInFlight = 3;

export interface LinkAssemblyOptions {
  store: ObjectStore;
  link: LinkIdentity;
  segmentBytes: number;
  /** Segments that are compressed or uploaded at the same time, 3 unless told; one more is being filled. */
  segmentsInFlight?: number;
  masterKey: MasterKey | undefined;
  /** Ends what is being stored. */
  signal: AbortSignal | undefined;
  onProgress?: ((progress: LinkProgress) => void) | undefined;
}

export interface LinkProgress {
  /** Of the segments that are durable so far: plain stream, as stored, and in write records. */
  plainBytes: number;
  storedBytes: number;
  dataBytes: number;
  /** Image offset that they reach, bytes. */
  position: number;
}

/** What a link's manifest says of its stored bytes. */
export type StoredParts = Pick<LinkManifest, 'codec' | 'segments' | 'index' | 'content'>;

/** What it says of everything else. */
export type LinkFacts = Omit<LinkManifest, 'format' | 'version' | keyof StoredParts>;

export function makeLinkManifest(facts: LinkFacts, parts: StoredParts): LinkManifest {
  return { format: 'emberkeep-link', version: formatVersion, ...facts, ...parts };
}

/** Lays extents out as the segments and the index of one new link; who uses it writes the manifest, last (I1). */
export class LinkAssembly {
  /** What is put here is stored by the next `store`. */
  readonly packer: SegmentPacker;
  readonly #options: LinkAssemblyOptions;
  readonly #seal: ReturnType<typeof createLinkSealing> | undefined;
  readonly #index: IndexUpload;
  /** Full, not yet begun to be stored. */
  readonly #packed: PackedSegment[] = [];
  /** Being stored, in stream order. */
  readonly #storing: Promise<StoredSegment>[] = [];
  readonly #freeBuffers: Buffer[] = [];

  constructor(options: LinkAssemblyOptions) {
    const { store, link, segmentBytes, masterKey, signal } = options;
    this.#options = options;
    // A new data key for each write, since a write that is begun again seals other bytes under the same numbers.
    this.#seal = masterKey === undefined ? undefined : createLinkSealing(link, masterKey);
    this.#index = new IndexUpload(store, indexKey(link.linkId), { sealing: this.sealing, signal });
    this.packer = new SegmentPacker({
      segmentBytes,
      takeBuffer: () => this.#freeBuffers.pop() ?? Buffer.allocUnsafeSlow(segmentBytes),
      onSegment: (segment) => this.#packed.push(segment),
    });
  }

  /** What segments of this link are to be encrypted with; undefined when they are not. */
  get sealing(): LinkSealing | undefined {
    return this.#seal?.sealing;
  }

  /** Back-pressure: resolves when no more segments are in flight than allowed (I11). */
  async store(): Promise<void> {
    const { store, link, signal } = this.#options;
    for (let next = this.#packed.shift(); next !== undefined; next = this.#packed.shift()) {
      const release = (plain: Buffer): void => this.#release(plain);
      const key = segmentKey(link.linkId, next.number);
      await this.add(storeSegment(store, key, next, release, { sealing: this.sealing, signal }));
    }
  }

  /** A segment that is being made of something else than packed extents; in the order of the numbers. */
  async add(storing: Promise<StoredSegment>): Promise<void> {
    storing.catch(() => undefined);
    const { segmentsInFlight = defaultInFlight } = this.#options;
    while (this.#storing.length >= segmentsInFlight) await this.#settleOldest();
    this.#storing.push(storing);
  }

  /** After the packer's end: resolves when all segments and the index are durable. */
  async finish(): Promise<StoredParts> {
    await this.store();
    while (this.#storing.length > 0) await this.#settleOldest();
    for (const buffer of this.#freeBuffers.splice(0)) releaseMemory(buffer);
    const { storedBytes, sha256, totals } = await this.#index.finish();
    const { link, segmentBytes } = this.#options;
    return {
      codec: { compression: 'zstd', encryption: this.#seal?.encryption ?? 'none' },
      segments: {
        count: totals.segments,
        maxPlainBytes: segmentBytes,
        plainBytes: totals.plainBytes,
        storedBytes: totals.storedBytes,
      },
      index: {
        key: indexKey(link.linkId),
        storedBytes,
        sha256,
        extents: totals.dataExtents + totals.zeroExtents,
      },
      content: { dataBytes: totals.dataBytes, zeroBytes: totals.zeroBytes },
    };
  }

  /** Waits until nothing of this link is being stored any more, so that what is there can be removed. */
  async abandon(error: unknown): Promise<void> {
    await Promise.allSettled(this.#storing);
    await this.#index.abandon(error);
  }

  async #settleOldest(): Promise<void> {
    const stored = await this.#storing[0];
    void this.#storing.shift();
    if (stored === undefined) return;
    await this.#index.add(stored);
    const { plainBytes, storedBytes, dataBytes } = this.#index.totals;
    this.#options.onProgress?.({ plainBytes, storedBytes, dataBytes, position: stored.packed.endOffset });
  }

  #release(plain: Buffer): void {
    this.#freeBuffers.push(Buffer.from(plain.buffer, 0, this.#options.segmentBytes));
  }
}
