/** A chain into an image that nobody else uses: flattened, or link by link. */
import { AppError } from '../base/errors.ts';
import { releasingChunks } from '../base/memory.ts';
import type { ImageLocation } from '../domain/disk.ts';
import { formatLocation } from '../domain/disk.ts';
import type { LinkManifest } from '../domain/manifest.ts';
import type { Rbd } from '../drivers/ceph/rbd.ts';
import type { BackupStore } from '../drivers/store/backup-store.ts';

export interface ImportChainDeps {
  rbd: Pick<Rbd, 'showImage' | 'listSnapshots' | 'removeSnapshot' | 'importDiff'>;
  store: Pick<BackupStore, 'checkLink' | 'openChainStream' | 'openLinkStream'>;
  catalog: {
    /** I8: marks the link, and exactly the points that need it. */
    markLinkDamaged(linkId: string, reason: string): Promise<void>;
  };
}

export interface ImportChainOptions {
  /** The full first. */
  chain: readonly LinkManifest[];
  /** Fresh, or what an earlier attempt of the same import left. */
  target: ImageLocation;
  /** Link by link as `rbd import-diff` would be used by hand, instead of one flat stream. */
  plain: boolean;
  signal: AbortSignal;
  /** Bytes of the image's address space that are done, at most its size. */
  onProgress: (positionBytes: number) => void;
  /** Told in words when the target's pool is full, so that nothing goes on. */
  onWait?: ((message: string) => Promise<void>) | undefined;
}

/** I8: before anything is written, a link that is missing or damaged is known, and written down. */
export async function checkChain(
  { store, catalog }: Pick<ImportChainDeps, 'store' | 'catalog'>,
  chain: readonly LinkManifest[],
  signal: AbortSignal,
): Promise<void> {
  for (const { linkId } of chain)
    await markDamage(catalog, linkId, async () => {
      await store.checkLink(linkId, { signal });
    });
}

/**
 * Can be killed and called again at any instant (I9): the to-snapshot that `rbd import-diff` makes after the last record
 * is the commit mark (I5). A flat import that has none begins anew, and writes the same bytes to the same places.
 */
export async function importChain(deps: ImportChainDeps, options: ImportChainOptions): Promise<void> {
  const { chain, target } = options;
  const present = new Set((await deps.rbd.listSnapshots(target)).map(({ name }) => name));
  const done = chain.findLastIndex(({ toSnapshot }) => present.has(toSnapshot.name));
  if (done < chain.length - 1) {
    // What was begun link by link has bytes that a flat stream would leave as they are, zeros left out.
    if (options.plain || done >= 0) await importLinks(deps, options, done);
    else await importFlat(deps, options);
  }
  await checkImage(deps, target, lastOf(chain));
}

async function importFlat(
  { rbd, store, catalog }: ImportChainDeps,
  { chain, target, signal, onProgress, onWait }: ImportChainOptions,
): Promise<void> {
  const stream = store.openChainStream(chain, { signal, onPosition: onProgress });
  await markDamage(catalog, lastOf(chain).linkId, () => rbd.importDiff(target, stream, { signal, onWait }));
}

async function importLinks(
  { rbd, store, catalog }: ImportChainDeps,
  { chain, target, signal, onProgress, onWait }: ImportChainOptions,
  done: number,
): Promise<void> {
  const total = chain.reduce((sum, { segments }) => sum + segments.plainBytes, 0);
  let imported = chain.slice(0, done + 1).reduce((sum, { segments }) => sum + segments.plainBytes, 0);
  for (const [index, link] of chain.entries()) {
    if (index <= done) continue;
    signal.throwIfAborted();
    const stream = releasingChunks(store.openLinkStream(link, { signal }), (bytes) => {
      imported += bytes;
      onProgress(Math.floor((imported / total) * lastOf(chain).source.sizeBytes));
    });
    await markDamage(catalog, link.linkId, () => rbd.importDiff(target, stream, { signal, onWait }));
    // The snapshot of the link before has served as the from-snapshot of this one.
    const before = chain[index - 1];
    if (before !== undefined) await rbd.removeSnapshot(target, before.toSnapshot.name);
  }
}

/** I8: an integrity failure is written down before it is thrown on, for the link that the error names. */
async function markDamage(
  catalog: ImportChainDeps['catalog'],
  linkId: string,
  attempt: () => Promise<void>,
): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('INTEGRITY_')) {
      const named = error.details['linkId'];
      await catalog.markLinkDamaged(typeof named === 'string' ? named : linkId, error.message);
    }
    throw error;
  }
}

/** The to-snapshot is import-diff's commit mark, and the size must be the point's. */
async function checkImage(
  { rbd }: ImportChainDeps,
  target: ImageLocation,
  { toSnapshot, source }: LinkManifest,
): Promise<void> {
  const [{ sizeBytes }, snapshots] = await Promise.all([rbd.showImage(target), rbd.listSnapshots(target)]);
  if (!snapshots.some(({ name }) => name === toSnapshot.name)) {
    throw new AppError(
      'INTEGRITY_IMPORT',
      `${formatLocation(target)} lacks snapshot ${toSnapshot.name} after its import`,
    );
  }
  if (sizeBytes !== source.sizeBytes) {
    throw new AppError(
      'INTEGRITY_IMPORT',
      `${formatLocation(target)} has ${sizeBytes} bytes after its import, the point had ${source.sizeBytes}`,
    );
  }
}

function lastOf<T>(list: readonly T[]): T {
  const last = list.at(-1);
  if (last === undefined) throw new AppError('INTEGRITY_CHAIN', 'the chain of this disk is empty');
  return last;
}
