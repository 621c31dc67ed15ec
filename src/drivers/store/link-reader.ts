import { createHash } from 'node:crypto';
import { AppError } from '../../base/errors.ts';
import { releaseMemory } from '../../base/memory.ts';
import { throwIfCancelled } from '../../base/retry.ts';
import { IndexDecoder } from '../../domain/link-index/decode.ts';
import type { IndexEntry, IndexTotals, SegmentEntry } from '../../domain/link-index/entries.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { decompressFrame, decompressStreamFrames, sha256 } from './codec.ts';
import { segmentKey, segmentsFolder } from './keys.ts';
import { noMasterKeys } from './master-key.ts';
import type { MasterKeys } from './master-key.ts';
import type { StoreReads } from './store-reads.ts';
import { openLinkSealing } from './sealing-keys.ts';
import { openSealed } from './sealing.ts';
import type { LinkIdentity, Seal } from './sealing.ts';

/** An index up to this size is read once and kept while it is decoded; a larger one is read twice instead. */
const keptIndexBytes = 16 * 1024 * 1024;
/** Bytes of plain index whose entries are given out together. */
const batchBytes = 64 * 1024;
/** Segments that are read ahead of the consumer. */
const readAhead = 1;

/**
 * The entries of a link's index, batch by batch, in bounded memory (I11). Its hash is compared before the first
 * entry is given out, its totals with the manifest after the last (I8).
 * Throws INTEGRITY_INDEX_DAMAGED, INTEGRITY_INDEX_MALFORMED and the store's STORE_* errors.
 */
export async function* readIndex(
  store: StoreReads,
  manifest: LinkManifest,
  keys: MasterKeys = noMasterKeys,
): AsyncGenerator<IndexEntry[], void, undefined> {
  const sealing = openLinkSealing(manifest, keys);
  const decoder = new IndexDecoder(manifest.source.sizeBytes);
  let totals: IndexTotals | undefined;
  const sealOf = sealing === undefined ? undefined : (frame: number): Seal => sealing.indexFrame(frame);
  try {
    const stored = await verifiedIndex(store, manifest);
    for await (const plain of decompressStreamFrames(stored, sealOf)) {
      for (let at = 0; at < plain.length; at += batchBytes) {
        const entries = decoder.push(plain.subarray(at, at + batchBytes));
        const last = entries.at(-1);
        if (last?.type === 'end') totals = last.totals;
        if (entries.length > 0) yield entries;
      }
    }
    decoder.finish();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw indexDamaged(manifest, 'it cannot be read', error);
  }
  compareTotals(manifest, totals);
}

/**
 * The plain bytes of one segment. Its hash is compared before anything of it is used (I8).
 * Throws INTEGRITY_SEGMENT_DAMAGED when the object is missing or is not what was written, and as openLinkSealing does.
 */
export async function readSegment(
  store: StoreReads,
  manifest: LinkIdentity & Pick<LinkManifest, 'codec'>,
  entry: SegmentEntry,
  keys: MasterKeys = noMasterKeys,
): Promise<Buffer> {
  const { linkId } = manifest;
  const { stored, frame } = await readFrame(store, manifest, entry, keys);
  const plain = await decompressFrame(frame, entry.plainBytes).catch((error: unknown) => {
    throw segmentDamaged(linkId, entry.number, 'it cannot be decompressed', error);
  });
  releaseMemory(stored);
  if (plain.length === entry.plainBytes) return plain;
  throw segmentDamaged(
    linkId,
    entry.number,
    `it has ${plain.length} plain bytes, expected ${entry.plainBytes}`,
  );
}

/**
 * One segment's zstd frame, decrypted, and the memory that it is in, which may be released after use. Throws as
 * readSegment does.
 */
export async function readFrame(
  store: StoreReads,
  manifest: LinkIdentity & Pick<LinkManifest, 'codec'>,
  entry: SegmentEntry,
  keys: MasterKeys,
): Promise<{ frame: Buffer; stored: Buffer }> {
  const { linkId } = manifest;
  const sealing = openLinkSealing(manifest, keys);
  const how = sealing?.segment(entry.number, entry.dataKey);
  // Also in an encrypted link nothing is taken for plain: that is what a forged segment would say of itself.
  if ((sealing === undefined) !== (entry.dataKey === 0) || (sealing !== undefined && how === undefined))
    throw segmentDamaged(linkId, entry.number, `the link has no data key ${entry.dataKey} for it`);
  const stored = await getSegment(store, linkId, entry);
  if (stored.length !== entry.storedBytes || !sha256(stored).equals(entry.sha256)) {
    throw segmentDamaged(linkId, entry.number, 'its checksum does not match');
  }
  if (how === undefined) return { frame: stored, stored };
  const frame = await openSealed(stored, how).catch((error: unknown) => {
    throw segmentDamaged(linkId, entry.number, 'it cannot be decrypted', error);
  });
  return { frame, stored };
}

/** The plain rbd diff stream of a link; see BackupStore.openLinkStream for what holds. */
export async function* readLinkStream(
  store: StoreReads,
  manifest: LinkManifest,
  signal: AbortSignal | undefined,
  keys: MasterKeys = noMasterKeys,
): AsyncGenerator<Buffer, void, undefined> {
  const ahead: Promise<Buffer>[] = [];
  try {
    for await (const entries of readIndex(store, manifest, keys)) {
      for (const entry of entries) {
        if (entry.type !== 'segment') continue;
        throwIfCancelled(signal);
        const reading = readSegment(store, manifest, entry, keys);
        reading.catch(() => undefined);
        ahead.push(reading);
        if (ahead.length > readAhead) yield await nextOf(ahead);
      }
    }
    while (ahead.length > 0) {
      throwIfCancelled(signal);
      yield await nextOf(ahead);
    }
  } finally {
    await Promise.allSettled(ahead);
  }
}

/** Compares what the index names with what is there, without reading a segment; throws INTEGRITY_* (I3). */
export async function checkSegments(
  store: StoreReads,
  manifest: LinkManifest,
  keys: MasterKeys = noMasterKeys,
): Promise<void> {
  const { linkId } = manifest;
  const objects = store.list(`${segmentsFolder(linkId)}/`)[Symbol.asyncIterator]();
  try {
    let object = await objects.next();
    for await (const entries of readIndex(store, manifest, keys)) {
      for (const entry of entries) {
        if (entry.type !== 'segment') continue;
        const key = segmentKey(linkId, entry.number);
        while (object.done !== true && object.value.key < key) object = await objects.next();
        if (object.done === true || object.value.key !== key)
          throw segmentDamaged(linkId, entry.number, 'it is missing');
        const { sizeBytes } = object.value;
        if (sizeBytes !== entry.storedBytes) {
          throw segmentDamaged(
            linkId,
            entry.number,
            `it has ${sizeBytes} bytes, expected ${entry.storedBytes}`,
          );
        }
      }
    }
  } finally {
    await objects.return?.();
  }
}

async function nextOf(ahead: Promise<Buffer>[]): Promise<Buffer> {
  const next = await ahead[0];
  void ahead.shift();
  return next ?? Buffer.alloc(0);
}

async function getSegment(
  store: StoreReads,
  linkId: string,
  { number, storedBytes }: SegmentEntry,
): Promise<Buffer> {
  try {
    const stored = await store.get(segmentKey(linkId, number), storedBytes);
    if (stored !== undefined) return stored;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'STORE_OBJECT_TOO_LARGE') throw error;
    throw segmentDamaged(linkId, number, 'it is larger than it was written', error);
  }
  throw segmentDamaged(linkId, number, 'it is missing');
}

/** The stored bytes of the index, after their hash was found right. */
async function verifiedIndex(store: StoreReads, manifest: LinkManifest): Promise<AsyncIterable<Buffer>> {
  const { key, storedBytes } = manifest.index;
  const keep = storedBytes <= keptIndexBytes;
  const kept: Buffer[] = [];
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of store.open(key)) {
      hash.update(chunk);
      bytes += chunk.length;
      if (bytes > storedBytes) break;
      if (keep) kept.push(chunk);
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'STORE_OBJECT_MISSING') throw error;
    throw indexDamaged(manifest, 'it is missing', error);
  }
  if (bytes !== storedBytes || hash.digest('hex') !== manifest.index.sha256) {
    throw indexDamaged(manifest, 'its checksum does not match');
  }
  return keep ? fromList(kept) : store.open(key);
}

// eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
async function* fromList(chunks: Buffer[]): AsyncGenerator<Buffer, void, undefined> {
  yield* chunks;
}

function compareTotals(manifest: LinkManifest, totals: IndexTotals | undefined): void {
  const { segments, index, content } = manifest;
  const agree =
    totals?.segments === segments.count &&
    totals.plainBytes === segments.plainBytes &&
    totals.storedBytes === segments.storedBytes &&
    totals.dataExtents + totals.zeroExtents === index.extents &&
    totals.dataBytes === content.dataBytes &&
    totals.zeroBytes === content.zeroBytes;
  if (!agree) throw indexDamaged(manifest, 'it does not agree with the manifest');
}

function indexDamaged({ linkId }: LinkManifest, what: string, cause?: unknown): AppError {
  return new AppError('INTEGRITY_INDEX_DAMAGED', `The index of link ${linkId} is damaged: ${what}.`, {
    details: { linkId },
    ...(cause === undefined ? {} : { cause }),
  });
}

function segmentDamaged(linkId: string, number: number, what: string, cause?: unknown): AppError {
  return new AppError(
    'INTEGRITY_SEGMENT_DAMAGED',
    `Segment ${number} of link ${linkId} is damaged: ${what}.`,
    {
      details: { linkId, segment: number },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
