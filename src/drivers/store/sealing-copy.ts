import type { SegmentEntry } from '../../domain/link-index/entries.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { createHash } from 'node:crypto';
import { releaseMemory } from '../../base/memory.ts';
import { segmentKey } from './keys.ts';
import { readFrame } from './link-reader.ts';
import type { MasterKeys } from './master-key.ts';
import type { ObjectCallOptions, ObjectStore } from './object-store.ts';
import { seal } from './sealing.ts';
import type { LinkSealing } from './sealing.ts';
import { readsUntil } from './store-reads.ts';

export interface SegmentCopy extends ObjectCallOptions {
  from: { manifest: LinkManifest; entry: SegmentEntry };
  /** `sealing` as createLinkSealing made it for the new link; undefined when that is not encrypted. */
  to: { linkId: string; number: number; sealing: LinkSealing | undefined };
}

/**
 * One segment of a link as another segment of another link: decrypted and encrypted anew where either link is
 * encrypted, since a seal names its link and number, but not compressed again. Returns what its entry is to say, its
 * object being durable. Between links that are not encrypted the store copies the object, unread: its hash must have
 * been checked, or must be before the old link goes. Throws as readSegment does.
 */
export async function copySegment(
  store: ObjectStore,
  { from, to, signal }: SegmentCopy,
  keys: MasterKeys,
): Promise<Pick<SegmentEntry, 'storedBytes' | 'dataKey' | 'sha256'>> {
  const key = segmentKey(to.linkId, to.number);
  const how = to.sealing?.segment(to.number);
  if (how === undefined && from.manifest.codec.encryption === 'none') {
    await store.copy(segmentKey(from.manifest.linkId, from.entry.number), key, { signal });
    return { storedBytes: from.entry.storedBytes, dataKey: 0, sha256: from.entry.sha256 };
  }
  const { frame, stored } = await readFrame(readsUntil(store, signal), from.manifest, from.entry, keys);
  const hash = createHash('sha256');
  const pieces = [frame];
  if (how === undefined) hash.update(frame);
  else pieces.push(await seal([frame], how, hash));
  const storedBytes = await store.put(key, pieces, { signal });
  releaseMemory(stored);
  return { storedBytes, dataKey: how === undefined ? 0 : 1, sha256: hash.digest() };
}
