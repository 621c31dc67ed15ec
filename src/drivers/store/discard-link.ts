import { linkFolder, linkManifestKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/** For a removal after a cancellation, milliseconds. */
const patienceMs = 5_000;

/**
 * Removes what a failed write left of a link, the manifest first, so that no link is there in part (I1). After a
 * cancellation a store that is silent is not waited for: what is left is removed by the job's undo, by the next write of
 * the link, or by an expiry; and whoever gave up a lock must soon touch nothing any more (I9).
 */
export async function discardLink(
  store: ObjectStore,
  linkId: string,
  cancelled: AbortSignal | undefined,
): Promise<void> {
  const signal = cancelled?.aborted === true ? AbortSignal.timeout(patienceMs) : undefined;
  await store.remove(linkManifestKey(linkId), { signal });
  await store.removeFolder(linkFolder(linkId), { signal });
}
