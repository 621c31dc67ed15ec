import { AppError } from '../../base/errors.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import type { OfflineDeps } from './deps.ts';
import { readChain } from './links.ts';
import { chooseDisk } from './points.ts';

export interface CatRequest {
  /** Of a point or of a link. */
  id: string;
  disk: string | undefined;
  /** The whole chain as one stream from nothing, instead of the last link alone. */
  whole: boolean;
  signal: AbortSignal;
}

/**
 * A plain `rbd diff v1` stream; a chunk is valid until the next one is asked for. Nothing is given out before the
 * links were found. Throws NOTFOUND_POINT, INPUT_DISK, STORE_NO_KEY, INTEGRITY_*.
 */
export async function openOfflineStream(
  { store }: OfflineDeps,
  { id, disk, whole, signal }: CatRequest,
): Promise<AsyncIterable<Buffer>> {
  const link = await findLink(store, id, disk);
  if (!whole) return store.openLinkStream(link, { signal });
  return store.openChainStream(await readChain(store, link.linkId), { signal });
}

async function findLink(
  store: OfflineDeps['store'],
  id: string,
  disk: string | undefined,
): Promise<LinkManifest> {
  const point = await store.readPoint(id);
  const linkId = point === undefined ? id : chooseDisk(point, disk).linkId;
  const link = await store.readLinkManifest(linkId);
  if (link !== undefined) return link;
  if (point !== undefined) {
    throw new AppError(
      'INTEGRITY_LINK_MISSING',
      `Link ${linkId} of point ${id} is not in ${store.description}.`,
    );
  }
  throw new AppError(
    'NOTFOUND_POINT',
    `there is neither a point nor a link ${id} in ${store.description}; see \`emberkeep offline list\``,
  );
}
