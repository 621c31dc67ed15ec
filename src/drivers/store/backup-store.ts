import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { isUuid } from '../../base/ids.ts';
import type { IndexEntry, SegmentEntry } from '../../domain/link-index/entries.ts';
import { decodeLinkManifest, decodePointManifest, encodeManifest } from '../../domain/manifest-codec.ts';
import type { LinkManifest, PointManifest } from '../../domain/manifest.ts';
import { inspectLink } from './inspect-link.ts';
import type { InspectLinkOptions, LinkInspection } from './inspect-link.ts';
import { foldLinks, type FoldLinksRequest } from './link-fold.ts';
import {
  readChainRanges,
  readChainStream,
  type ByteRange,
  type ChainStreamOptions,
  type LinkSource,
} from './chain-reader.ts';
import { measureChain, type ChainUsage } from './chain-usage.ts';
import { linkFolder, linkManifestKey, linksFolder, pointKey, pointsFolder } from './keys.ts';
import { checkSegments, readIndex, readLinkStream, readSegment } from './link-reader.ts';
import { writeLink } from './link-writer.ts';
import type { WriteLinkRequest } from './link-writer.ts';
import { noMasterKeys } from './master-key.ts';
import type { MasterKeys } from './master-key.ts';
import { readsUntil, type StoreReads } from './store-reads.ts';
import type { FolderUsage, ObjectCallOptions, ObjectStore } from './object-store.ts';
import { openMarker } from './store-marker.ts';

const defaultSegmentBytes = 8 * 1024 * 1024;
/** A point of an instance with hundreds of disks has some hundred KiB. */
const maxManifestBytes = 16 * 1024 * 1024;

/** A read ends soon after its signal is aborted. */
export type ReadOptions = ObjectCallOptions;

export type { InspectLinkOptions, LinkInspection } from './inspect-link.ts';
export type { LinkProgress } from './link-assembly.ts';
export type { LinkHeader, WriteLinkRequest } from './link-writer.ts';

/**
 * A store of format v1, the only way in and out for workflows: docs/design/format.md. What reads an encrypted link
 * throws STORE_NO_KEY when its master key is not among the store's keys, and INTEGRITY_DATA_KEY_DAMAGED.
 */
export interface BackupStore {
  readonly storeId: string;
  readonly description: string;

  /**
   * Makes a link of a raw `rbd export-diff` stream. The manifest is written only after the stream ended with its `e`
   * and nothing followed, `exported` resolved, and all segments and the index are durable (I1, I2). On any failure
   * what was written is removed as far as possible and the original error is thrown: the exporter's when the stream
   * broke off with it, INTEGRITY_DIFF_* for a bad stream, STORE_*, CANCELLED_*, CONFLICT_LINK_EXISTS.
   */
  writeLink(request: WriteLinkRequest): Promise<LinkManifest>;

  /** Undefined when the link has no manifest, hence is no link. Throws INTEGRITY_MANIFEST_*, STORE_NEWER_FORMAT. */
  readLinkManifest(linkId: string): Promise<LinkManifest | undefined>;

  /**
   * The plain rbd diff stream of a link, byte for byte as written. Every segment's SHA-256 is checked before its
   * bytes are given out (I8); throws INTEGRITY_SEGMENT_DAMAGED and INTEGRITY_INDEX_*. Holds a few segments.
   */
  openLinkStream(manifest: LinkManifest, options?: ReadOptions): AsyncIterable<Buffer>;

  /**
   * A chain, its full first, as one `rbd diff v1` stream from nothing to its last point: each live byte once, ascending,
   * zeros left out; what importing all links in order would leave in a fresh image. Checked as openLinkStream is, and
   * throws INTEGRITY_CHAIN when the links do not stand on each other. A chunk is valid until the next one is asked for.
   * Memory is bounded whatever the length of the chain (I11): segments beyond it are set aside in a file in TMPDIR.
   */
  openChainStream(chain: readonly LinkManifest[], options?: ChainStreamOptions): AsyncIterable<Buffer>;

  /** What openChainStream would fetch and give out, from the indexes alone. Throws as it does. */
  measureChain(chain: readonly LinkManifest[]): Promise<ChainUsage>;

  /**
   * Bytes of the image at the chain's last point, for each of the ranges, which must ascend and not overlap; shorter at
   * the image's end. Throws as openChainStream.
   */
  readChain(
    chain: readonly LinkManifest[],
    ranges: readonly ByteRange[],
    options?: ReadOptions,
  ): AsyncIterable<Buffer>;

  /**
   * Makes one link of several that stand on each other: from where the first began to where the last ended, under a new
   * id, with the last one's point. Segments of which everything still holds are copied as they are, the others are read
   * and packed anew. Nothing else is touched: who asked for it lets points and children name the new link, and only
   * then removes the old ones (I1). A link of that id that is complete is given back as it is, what an unfinished fold
   * left of one is removed before. Throws as openChainStream and writeLink do.
   */
  foldLinks(request: FoldLinksRequest): Promise<LinkManifest>;

  /** The link's index, verified, in batches: which extents of the image are in which segment, and which are zero. */
  openLinkIndex(manifest: LinkManifest): AsyncIterable<IndexEntry[]>;

  /** Plain bytes of one segment of the link's index, verified: for random access. */
  readLinkSegment(manifest: LinkManifest, entry: SegmentEntry): Promise<Buffer>;

  /**
   * Whether a link is whole as far as can be told without reading its segments: manifest and index hashes, presence
   * and size of every segment. Throws INTEGRITY_*; INTEGRITY_LINK_MISSING when there is no manifest.
   */
  checkLink(linkId: string, options?: ReadOptions): Promise<LinkManifest>;

  /**
   * Reads a link completely and compares all of it: index, every segment's hash and content, every record with the
   * index. Damage is in the answer, not thrown; throws STORE_* and CANCELLED_* only. Holds one segment.
   */
  inspectLink(manifest: LinkManifest, options?: InspectLinkOptions): Promise<LinkInspection>;

  /** Removes a link or what a broken write left of one: the manifest first, so that it never names what is gone. */
  removeLink(linkId: string): Promise<void>;

  /**
   * Another manifest of a link that is there, such as with another parent: its segments and index stay as they are.
   * Throws INTEGRITY_LINK_MISSING when the link, or the parent that it is to have, has no manifest (I1).
   */
  replaceLinkManifest(manifest: LinkManifest): Promise<void>;

  /** Throws INTEGRITY_LINK_MISSING when one of its links has no manifest (I1). A point that is there is replaced. */
  writePoint(manifest: PointManifest): Promise<void>;

  readPoint(pointId: string): Promise<PointManifest | undefined>;

  /** Ids of all points, ascending; none is read. */
  listPointIds(): AsyncIterable<string>;

  /** All points, ascending by id; throws at a damaged one (use listPointIds and readPoint to get past it). */
  listPoints(): AsyncIterable<PointManifest>;

  /** Ids of all links, ascending; `complete` is false for what a broken or running write left: no link. */
  listLinks(): AsyncIterable<{ linkId: string; complete: boolean }>;

  /** As listLinks, but without asking of each folder whether it is whole. */
  listLinkFolders(): AsyncIterable<string>;

  /** Whether there is a link, hence its manifest; nothing is read. */
  hasLink(linkId: string): Promise<boolean>;

  hasPoint(pointId: string): Promise<boolean>;

  /** Resolves when the store can be read and is still this one. @throws STORE_*. */
  assertPresent(): Promise<void>;

  /** Bytes of a link's folder, whole or not, and when it was last written to. */
  linkUsage(linkId: string): Promise<FolderUsage>;

  removePoint(pointId: string): Promise<void>;
}

export interface OpenBackupStoreOptions {
  /** Make a store when the root is empty. */
  create: boolean;
  /** Plain bytes of a segment of links written from now on; default 8 MiB. */
  segmentBytes?: number;
  clock?: Clock;
  /** New links are encrypted with the current one, if there is one; links are read with any of them. */
  keys?: MasterKeys;
}

/**
 * Opens the store in `objects`. Throws STORE_NOT_FOUND when there is none and `create` is false, STORE_NOT_OURS when
 * the root holds something else, STORE_NEWER_FORMAT for a newer store; nothing is changed then.
 */
export async function openBackupStore(
  objects: ObjectStore,
  options: OpenBackupStoreOptions,
): Promise<BackupStore> {
  const storeId = await openMarker(objects, options);
  return new ObjectBackupStore(objects, storeId, {
    segmentBytes: options.segmentBytes ?? defaultSegmentBytes,
    keys: options.keys ?? noMasterKeys,
  });
}

class ObjectBackupStore implements BackupStore {
  readonly storeId: string;
  readonly description: string;
  readonly #objects: ObjectStore;
  readonly #segmentBytes: number;
  readonly #keys: MasterKeys;

  constructor(
    objects: ObjectStore,
    storeId: string,
    { segmentBytes, keys }: { segmentBytes: number; keys: MasterKeys },
  ) {
    this.storeId = storeId;
    this.description = objects.description;
    this.#objects = objects;
    this.#segmentBytes = segmentBytes;
    this.#keys = keys;
  }

  async writeLink(request: WriteLinkRequest): Promise<LinkManifest> {
    return await writeLink(this.#objects, this.#segmentBytes, request, this.#keys.current);
  }

  async readLinkManifest(linkId: string): Promise<LinkManifest | undefined> {
    return await readManifest(this.#objects, linkId);
  }

  openLinkStream(manifest: LinkManifest, options: ReadOptions = {}): AsyncIterable<Buffer> {
    const { signal } = options;
    return readLinkStream(readsUntil(this.#objects, signal), manifest, signal, this.#keys);
  }

  openChainStream(chain: readonly LinkManifest[], options?: ChainStreamOptions): AsyncIterable<Buffer> {
    return readChainStream(this.#source(options?.signal), chain, options);
  }

  async measureChain(chain: readonly LinkManifest[]): Promise<ChainUsage> {
    return await measureChain(this, chain);
  }

  readChain(
    chain: readonly LinkManifest[],
    ranges: readonly ByteRange[],
    { signal }: ReadOptions = {},
  ): AsyncIterable<Buffer> {
    return readChainRanges(this.#source(signal), chain, ranges);
  }

  async foldLinks(request: FoldLinksRequest): Promise<LinkManifest> {
    const made = await this.readLinkManifest(request.linkId);
    if (made !== undefined) return made;
    const deps = {
      store: this.#objects,
      source: this.#source(request.signal),
      segmentBytes: this.#segmentBytes,
      keys: this.#keys,
    };
    return await foldLinks(deps, request);
  }

  /** What chains are read from, until a signal is aborted. */
  #source(signal: AbortSignal | undefined): LinkSource {
    const objects = readsUntil(this.#objects, signal);
    return {
      openLinkIndex: (manifest) => readIndex(objects, manifest, this.#keys),
      readLinkSegment: (manifest, entry) => readSegment(objects, manifest, entry, this.#keys),
    };
  }

  openLinkIndex(manifest: LinkManifest): AsyncIterable<IndexEntry[]> {
    return readIndex(this.#objects, manifest, this.#keys);
  }

  async readLinkSegment(manifest: LinkManifest, entry: SegmentEntry): Promise<Buffer> {
    return await readSegment(this.#objects, manifest, entry, this.#keys);
  }

  async checkLink(linkId: string, { signal }: ReadOptions = {}): Promise<LinkManifest> {
    const objects = readsUntil(this.#objects, signal);
    const manifest = await readManifest(objects, linkId);
    if (manifest === undefined) throw linkMissing(linkId, this.description);
    await checkSegments(objects, manifest, this.#keys);
    return manifest;
  }

  async inspectLink(manifest: LinkManifest, options?: InspectLinkOptions): Promise<LinkInspection> {
    return await inspectLink(this.#objects, manifest, options, this.#keys);
  }

  async removeLink(linkId: string): Promise<void> {
    await this.#objects.remove(linkManifestKey(linkId));
    await this.#objects.removeFolder(linkFolder(linkId));
  }

  async replaceLinkManifest(manifest: LinkManifest): Promise<void> {
    const { linkId, parentLinkId } = manifest;
    for (const id of parentLinkId === null ? [linkId] : [linkId, parentLinkId]) {
      if ((await this.#objects.stat(linkManifestKey(id))) === undefined)
        throw linkMissing(id, this.description);
    }
    await this.#objects.put(linkManifestKey(linkId), encodeManifest(manifest));
  }

  async writePoint(manifest: PointManifest): Promise<void> {
    if (manifest.storeId !== this.storeId) {
      throw new AppError(
        'BUG_FOREIGN_POINT',
        `Point ${manifest.pointId} belongs into store ${manifest.storeId}.`,
      );
    }
    // I1: a point is written only over links that are durable.
    for (const { linkId } of manifest.disks) {
      if (!(await this.hasLink(linkId))) throw linkMissing(linkId, this.description);
    }
    await this.#objects.put(pointKey(manifest.pointId), encodeManifest(manifest));
  }

  async readPoint(pointId: string): Promise<PointManifest | undefined> {
    const key = pointKey(pointId);
    const bytes = await this.#objects.get(key, maxManifestBytes);
    if (bytes === undefined) return undefined;
    const manifest = decodePointManifest(bytes, key);
    if (manifest.pointId === pointId) return manifest;
    throw foreignManifest(key, manifest.pointId);
  }

  async *listPointIds(): AsyncGenerator<string, void, undefined> {
    for await (const { key } of this.#objects.list(`${pointsFolder}/`)) {
      const pointId = /^points[/]([0-9a-f-]{36})[.]json$/.exec(key)?.[1];
      if (pointId !== undefined && isUuid(pointId)) yield pointId;
    }
  }

  async *listPoints(): AsyncGenerator<PointManifest, void, undefined> {
    for await (const pointId of this.listPointIds()) {
      const point = await this.readPoint(pointId);
      if (point !== undefined) yield point;
    }
  }

  async *listLinks(): AsyncGenerator<{ linkId: string; complete: boolean }, void, undefined> {
    for await (const linkId of this.listLinkFolders()) yield { linkId, complete: await this.hasLink(linkId) };
  }

  async *listLinkFolders(): AsyncGenerator<string, void, undefined> {
    for await (const linkId of this.#objects.folders(linksFolder)) if (isUuid(linkId)) yield linkId;
  }

  async hasLink(linkId: string): Promise<boolean> {
    return (await this.#objects.stat(linkManifestKey(linkId))) !== undefined;
  }

  async hasPoint(pointId: string): Promise<boolean> {
    return (await this.#objects.stat(pointKey(pointId))) !== undefined;
  }

  async assertPresent(): Promise<void> {
    if ((await openMarker(this.#objects, { create: false })) === this.storeId) return;
    throw new AppError(
      'STORE_NOT_FOUND',
      `${this.description} holds another store than before; check what is mounted.`,
    );
  }

  async linkUsage(linkId: string): Promise<FolderUsage> {
    return await this.#objects.usage(linkFolder(linkId));
  }

  async removePoint(pointId: string): Promise<void> {
    await this.#objects.remove(pointKey(pointId));
  }
}

async function readManifest(objects: StoreReads, linkId: string): Promise<LinkManifest | undefined> {
  const key = linkManifestKey(linkId);
  const bytes = await objects.get(key, maxManifestBytes);
  if (bytes === undefined) return undefined;
  const manifest = decodeLinkManifest(bytes, key);
  if (manifest.linkId === linkId) return manifest;
  throw foreignManifest(key, manifest.linkId);
}

function linkMissing(linkId: string, where: string): AppError {
  return new AppError('INTEGRITY_LINK_MISSING', `Link ${linkId} is not in ${where}.`, {
    details: { linkId },
  });
}

function foreignManifest(key: string, id: string): AppError {
  return new AppError(
    'INTEGRITY_MANIFEST_FOREIGN',
    `${key} belongs to ${id}: the store's files were mixed up.`,
  );
}
