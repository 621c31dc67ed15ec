import { orAbort } from '../../base/abort-watch.ts';
import { AppError } from '../../base/errors.ts';
import { releaseMemory } from '../../base/memory.ts';
import { throwIfCancelled } from '../../base/retry.ts';
import { SegmentPacker } from '../../domain/link-index/segment-packer.ts';
import type { PackedSegment } from '../../domain/link-index/segment-packer.ts';
import { encodeManifest } from '../../domain/manifest-codec.ts';
import { formatVersion } from '../../domain/manifest.ts';
import type { LinkManifest, SourceImage } from '../../domain/manifest.ts';
import { DiffParser } from '../../domain/rbd-diff/diff-parser.ts';
import { ZeroElimination } from '../../domain/rbd-diff/zeros.ts';
import { CheckedHeaders } from './checked-headers.ts';
import { IndexUpload, storeSegment } from './index-upload.ts';
import type { StoredIndex, StoredSegment } from './index-upload.ts';
import { indexKey, linkFolder, linkManifestKey, segmentKey } from './keys.ts';
import type { MasterKey } from './master-key.ts';
import type { ObjectStore } from './object-store.ts';
import { createLinkSealing } from './sealing-keys.ts';
import { piecesOf } from './source-stream.ts';

/** Segments that are compressed or uploaded at the same time; one more is being filled. */
const segmentsInFlight = 3;
const maxPieceBytes = 1024 * 1024;

/** What is known of a link before its stream is read. */
export type LinkHeader = Omit<
  LinkManifest,
  'format' | 'version' | 'source' | 'codec' | 'segments' | 'index' | 'content'
> & {
  /** With sizeBytes the stream must agree; without, it is learned from the stream. */
  source: Omit<SourceImage, 'sizeBytes'> & { sizeBytes?: number };
};

export interface LinkProgress {
  /** Of the segments that are durable so far: plain stream, as stored, and in write records. */
  plainBytes: number;
  storedBytes: number;
  dataBytes: number;
  /** Image offset that they reach, bytes. */
  position: number;
}

export interface WriteLinkRequest {
  header: LinkHeader;
  /** A raw `rbd export-diff` stream. */
  stream: AsyncIterable<Buffer>;
  /** Resolves when the exporter exited with 0 and everything said of the stream still holds; rejects otherwise (I2). */
  exported: Promise<void>;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: LinkProgress) => void) | undefined;
}

/** Reads the request's stream into a new link, encrypted if there is a master key; see BackupStore.writeLink. */
export async function writeLink(
  store: ObjectStore,
  segmentBytes: number,
  request: WriteLinkRequest,
  masterKey?: MasterKey,
): Promise<LinkManifest> {
  const { linkId } = request.header;
  // Its rejection is looked at when the stream has ended; until then it must not count as unhandled.
  request.exported.catch(() => undefined);
  throwIfCancelled(request.signal);
  if ((await store.stat(linkManifestKey(linkId))) !== undefined) {
    throw new AppError('CONFLICT_LINK_EXISTS', `Link ${linkId} is already in ${store.description}.`);
  }
  await store.removeFolder(linkFolder(linkId));
  const write = new LinkWrite(store, segmentBytes, request, masterKey);
  try {
    return await write.run();
  } catch (error) {
    await write.abandon(error);
    await store.removeFolder(linkFolder(linkId)).catch(() => undefined);
    throw error;
  }
}

class LinkWrite {
  readonly #store: ObjectStore;
  readonly #segmentBytes: number;
  readonly #request: WriteLinkRequest;
  readonly #seal: ReturnType<typeof createLinkSealing> | undefined;
  readonly #index: IndexUpload;
  readonly #headers: CheckedHeaders;
  readonly #parser: DiffParser;
  /** Sealed by the packer, not yet begun to be stored. */
  readonly #packed: PackedSegment[] = [];
  /** Being stored, in stream order. */
  readonly #storing: Promise<StoredSegment>[] = [];
  readonly #freeBuffers: Buffer[] = [];

  constructor(
    store: ObjectStore,
    segmentBytes: number,
    request: WriteLinkRequest,
    masterKey: MasterKey | undefined,
  ) {
    const { header } = request;
    this.#store = store;
    this.#segmentBytes = segmentBytes;
    this.#request = request;
    // A new data key for each write, since a write that is begun again seals other bytes under the same numbers.
    this.#seal = masterKey === undefined ? undefined : createLinkSealing(header, masterKey);
    this.#index = new IndexUpload(store, indexKey(header.linkId), this.#seal?.sealing);
    const packer = new SegmentPacker({
      segmentBytes,
      takeBuffer: () => this.#freeBuffers.pop() ?? Buffer.allocUnsafeSlow(segmentBytes),
      onSegment: (segment) => this.#packed.push(segment),
    });
    this.#headers = new CheckedHeaders(new ZeroElimination(packer), {
      fromSnapshot: header.fromSnapshot?.name,
      toSnapshot: header.toSnapshot.name,
      sizeBytes: header.source.sizeBytes,
    });
    this.#parser = new DiffParser(this.#headers);
  }

  async run(): Promise<LinkManifest> {
    const { exported, signal, header } = this.#request;
    await this.#readStream();
    await orAbort(exported, signal); // I2: the exporter's own word comes before anything is named.
    while (this.#storing.length > 0) await this.#settleOldest();
    for (const buffer of this.#freeBuffers.splice(0)) releaseMemory(buffer);
    const index = await this.#index.finish();
    throwIfCancelled(signal);
    const manifest = this.#manifest(index);
    // I1: segments and index are durable, only now the manifest names them.
    await this.#store.put(linkManifestKey(header.linkId), encodeManifest(manifest));
    return manifest;
  }

  /** Waits until nothing of this write runs any more, so that what it left can be removed. */
  async abandon(error: unknown): Promise<void> {
    await Promise.allSettled(this.#storing);
    await this.#index.abandon(error);
  }

  async #readStream(): Promise<void> {
    const { stream, exported, signal } = this.#request;
    let inSource = true;
    try {
      for await (const piece of piecesOf(stream, Math.min(maxPieceBytes, this.#segmentBytes), signal)) {
        inSource = false;
        this.#parser.push(piece);
        for (let next = this.#packed.shift(); next !== undefined; next = this.#packed.shift())
          await this.#begin(next);
        inSource = true;
      }
      this.#parser.finish();
    } catch (error) {
      // A stream that breaks or stops early does so because the exporter failed: its error says why.
      if (inSource) await orAbort(exported, signal);
      throw error;
    }
  }

  /** Back-pressure: the stream is not read on while as many segments as allowed are in flight (I11). */
  async #begin(segment: PackedSegment): Promise<void> {
    while (this.#storing.length >= segmentsInFlight) await this.#settleOldest();
    const key = segmentKey(this.#request.header.linkId, segment.number);
    const release = (plain: Buffer): void => this.#release(plain);
    const storing = storeSegment(this.#store, key, segment, release, this.#seal?.sealing);
    storing.catch(() => undefined);
    this.#storing.push(storing);
  }

  async #settleOldest(): Promise<void> {
    const stored = await this.#storing[0];
    void this.#storing.shift();
    if (stored === undefined) return;
    await this.#index.add(stored);
    const { plainBytes, storedBytes, dataBytes } = this.#index.totals;
    this.#request.onProgress?.({ plainBytes, storedBytes, dataBytes, position: stored.packed.endOffset });
  }

  #release(plain: Buffer): void {
    this.#freeBuffers.push(Buffer.from(plain.buffer, 0, this.#segmentBytes));
  }

  #manifest({ storedBytes, sha256, totals }: StoredIndex): LinkManifest {
    const { header } = this.#request;
    return {
      format: 'emberkeep-link',
      version: formatVersion,
      ...header,
      source: { ...header.source, sizeBytes: this.#headers.sizeBytes },
      codec: { compression: 'zstd', encryption: this.#seal?.encryption ?? 'none' },
      segments: {
        count: totals.segments,
        maxPlainBytes: this.#segmentBytes,
        plainBytes: totals.plainBytes,
        storedBytes: totals.storedBytes,
      },
      index: {
        key: indexKey(header.linkId),
        storedBytes,
        sha256,
        extents: totals.dataExtents + totals.zeroExtents,
      },
      content: { dataBytes: totals.dataBytes, zeroBytes: totals.zeroBytes },
    };
  }
}
