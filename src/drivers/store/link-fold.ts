import { AppError } from '../../base/errors.ts';
import { throwIfCancelled } from '../../base/retry.ts';
import type { DataExtent, SegmentEntry, ZeroExtent } from '../../domain/link-index/entries.ts';
import { encodeManifest } from '../../domain/manifest-codec.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { overlay } from '../../domain/overlay/overlay.ts';
import { WholeSegments } from '../../domain/overlay/whole-segments.ts';
import { openPool, overlayOf, type LinkSource } from './chain-reader.ts';
import type { StoredSegment } from './index-upload.ts';
import { discardLink } from './discard-link.ts';
import { linkFolder, linkManifestKey } from './keys.ts';
import { LinkAssembly, makeLinkManifest, type LinkFacts, type LinkProgress } from './link-assembly.ts';
import { withSegments, type ReadyPiece } from './live-pieces.ts';
import type { MasterKeys } from './master-key.ts';
import type { ObjectStore } from './object-store.ts';
import { copySegment } from './sealing-copy.ts';
import type { SegmentPool } from './segment-pool.ts';

export interface FoldLinksRequest {
  /** Those to be folded, in the order of the chain, and at the end the link that they are folded into. */
  links: readonly LinkManifest[];
  /** Of the link that takes their place. */
  linkId: string;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: LinkProgress) => void) | undefined;
}

export interface FoldDeps {
  store: ObjectStore;
  source: LinkSource;
  segmentBytes: number;
  keys: MasterKeys;
}

/** Plain bytes of segments that are read; those that are being written take more (I11). */
const poolBytes = 16 * 1024 * 1024;
/** Fewer than in a backup, since what is read takes memory too (I11); nobody waits for a fold. */
const segmentsInFlight = 2;
/** Bytes that are copied from a segment into another at once. */
const stepBytes = 256 * 1024;

/** See BackupStore.foldLinks. */
export async function foldLinks(deps: FoldDeps, request: FoldLinksRequest): Promise<LinkManifest> {
  const { store } = deps;
  const { links, linkId, signal } = request;
  const facts = factsOf(links, linkId);
  await store.removeFolder(linkFolder(linkId), { signal });
  const fold = new LinkFold(deps, request, facts);
  try {
    const manifest = makeLinkManifest(facts, await fold.run());
    throwIfCancelled(signal);
    // I1: segments and index are durable, only now the manifest names them. Not to be cancelled: whether there is a link
    // would not be known.
    await store.put(linkManifestKey(linkId), encodeManifest(manifest));
    return manifest;
  } catch (error) {
    await fold.abandon(error);
    await discardLink(store, linkId, signal).catch(() => undefined);
    throw error;
  }
}

/** From where the first began to where the last ended. */
function factsOf(links: readonly LinkManifest[], linkId: string): LinkFacts {
  const [first] = links;
  const last = links.at(-1);
  const isRun = links.every((link, index) => index === 0 || link.parentLinkId === links[index - 1]?.linkId);
  if (first === undefined || last === undefined || links.length < 2 || !isRun)
    throw new AppError('INTEGRITY_CHAIN', 'Links that are folded must stand on each other.');
  const { pointId, diskKey, createdAt, source, toSnapshot } = last;
  const { kind, chainId, parentLinkId, fullReason, fromSnapshot } = first;
  return {
    linkId,
    pointId,
    diskKey,
    kind,
    chainId,
    parentLinkId,
    depth: kind === 'full' ? 0 : last.depth,
    fullReason,
    createdAt,
    source,
    fromSnapshot,
    toSnapshot,
  };
}

class LinkFold {
  readonly #deps: FoldDeps;
  readonly #request: FoldLinksRequest;
  readonly #facts: LinkFacts;
  readonly #assembly: LinkAssembly;
  readonly #scratch = Buffer.allocUnsafeSlow(stepBytes);
  /** Extents of the whole segment that the overlay is in. */
  #adopting: { layer: number; entry: SegmentEntry; extents: (DataExtent | ZeroExtent)[] } | undefined;
  #end = -1;

  constructor(deps: FoldDeps, request: FoldLinksRequest, facts: LinkFacts) {
    const { store, keys } = deps;
    this.#deps = deps;
    this.#request = request;
    this.#facts = facts;
    const sizes = request.links.map(({ segments }) => segments.maxPlainBytes);
    this.#assembly = new LinkAssembly({
      store,
      link: facts,
      // A segment that is taken over must not be larger than the manifest says.
      segmentBytes: Math.max(deps.segmentBytes, ...sizes),
      segmentsInFlight,
      masterKey: keys.current,
      signal: request.signal,
      onProgress: request.onProgress,
    });
  }

  async run(): ReturnType<LinkAssembly['finish']> {
    const { source } = this.#deps;
    const { links, signal } = this.#request;
    const whole = await this.#findWhole();
    const isWhole = (layer: number, entry: SegmentEntry): boolean =>
      whole.isWhole(layer, entry.number, links[layer]?.segments.count ?? 0);
    this.#packHeaders();
    const pool = openPool(source, links, poolBytes);
    try {
      const pieces = withSegments(overlayOf(source, links), pool, (layer, entry) => !isWhole(layer, entry));
      for await (const piece of pieces) {
        throwIfCancelled(signal);
        const { layer, segment } = piece;
        if (segment !== undefined && isWhole(layer, segment)) await this.#collect(piece, segment);
        else await this.#pack(piece, pool);
      }
      await this.#adopt();
      this.#assembly.packer.end();
      return await this.#assembly.finish();
    } finally {
      await pool.close();
    }
  }

  async abandon(error: unknown): Promise<void> {
    await this.#assembly.abandon(error);
  }

  /** A first walk over the indexes alone. */
  async #findWhole(): Promise<WholeSegments> {
    const { source } = this.#deps;
    const whole = new WholeSegments();
    const layers = this.#request.links.map((link, layer) => ({
      entries: whole.watch(layer, source.openLinkIndex(link)),
      sizeBytes: link.source.sizeBytes,
    }));
    for await (const batch of overlay(layers)) {
      throwIfCancelled(this.#request.signal);
      for (const piece of batch) whole.piece(piece);
    }
    return whole;
  }

  #packHeaders(): void {
    const { packer } = this.#assembly;
    const { fromSnapshot, toSnapshot, source } = this.#facts;
    if (fromSnapshot !== null) packer.header({ type: 'from-snap', name: fromSnapshot.name });
    packer.header({ type: 'to-snap', name: toSnapshot.name });
    packer.header({ type: 'image-size', sizeBytes: source.sizeBytes });
  }

  async #pack({ offset, length, data }: ReadyPiece, pool: SegmentPool): Promise<void> {
    const { packer } = this.#assembly;
    if (data === undefined) {
      // Nothing is below a full: what reads as zeros there need not be said.
      if (this.#facts.kind === 'full') return;
      await this.#adopt();
      packer.zero(offset, length);
    } else {
      await this.#adopt();
      if (offset !== this.#end) packer.boundary();
      for (let done = 0; done < length; done += stepBytes) {
        const bytes = this.#scratch.subarray(0, Math.min(stepBytes, length - done));
        await pool.copy(data.from, data.position + done, bytes.length, bytes, 0);
        packer.data(offset + done, bytes);
        await this.#assembly.store();
      }
    }
    this.#end = offset + length;
  }

  async #collect({ layer, offset, length, position }: ReadyPiece, entry: SegmentEntry): Promise<void> {
    const current = this.#adopting;
    if (current?.layer !== layer || current.entry.number !== entry.number) {
      await this.#adopt();
      this.#adopting = { layer, entry, extents: [] };
    }
    this.#adopting?.extents.push(
      position === undefined ? { type: 'zero', offset, length } : { type: 'data', offset, length, position },
    );
    this.#end = -1;
  }

  /** The segment that was collected becomes the new link's next one. */
  async #adopt(): Promise<void> {
    const adopting = this.#adopting;
    if (adopting === undefined) return;
    this.#adopting = undefined;
    const packed = this.#assembly.packer.adopt(adopting.extents);
    await this.#assembly.store();
    await this.#assembly.add(this.#copy(adopting.layer, adopting.entry, packed));
  }

  async #copy(layer: number, entry: SegmentEntry, packed: StoredSegment['packed']): Promise<StoredSegment> {
    const { store, keys } = this.#deps;
    const manifest = this.#request.links[layer];
    if (manifest === undefined) throw new AppError('BUG_MISSING', `there is no link ${layer}`);
    const { linkId } = this.#facts;
    const { signal } = this.#request;
    const to = { linkId, number: packed.number, sealing: this.#assembly.sealing };
    const { storedBytes, sha256 } = await copySegment(store, { from: { manifest, entry }, to, signal }, keys);
    return { packed, plainBytes: entry.plainBytes, storedBytes, sha256 };
  }
}
