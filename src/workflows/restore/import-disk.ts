/** The chain of one disk into a fresh image, link by link (I5); can be killed and called again at any instant (I9). */
import { AppError } from '../../base/errors.ts';
import { releasingChunks } from '../../base/memory.ts';
import { formatLocation } from '../../domain/disk.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { markOf, restoreMark, type RestoreDeps } from './deps.ts';
import type { RestoreDiskPlan } from './plan.ts';
import { waitUntilFree } from './wait-until-free.ts';

type Deps = Pick<RestoreDeps, 'rbd' | 'store' | 'catalog'>;

export interface ImportOptions {
  restoreId: string;
  plan: RestoreDiskPlan;
  signal: AbortSignal;
  /** Bytes of the plain streams imported so far, all links together. */
  onProgress: (importedBytes: number) => void;
}

export async function importDisk(deps: Deps, options: ImportOptions): Promise<void> {
  const { plan } = options;
  const chain = await deps.catalog.chainOf(lastOf(plan.linkIds));
  await checkChain(deps, chain);
  await prepareImage(deps, options);
  await importChain(deps, options, chain);
  await checkImage(deps, plan, lastOf(chain));
}

/** Before anything is written: a link that is missing or damaged is known now, not after an hour. */
async function checkChain({ store, catalog }: Deps, chain: LinkManifest[]): Promise<void> {
  for (const { linkId } of chain) {
    await markDamage(catalog, linkId, () => store.checkLink(linkId));
  }
}

/** I8: an integrity failure is written down before it is thrown on. */
async function markDamage<T>(
  catalog: Deps['catalog'],
  linkId: string,
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('INTEGRITY_'))
      await catalog.markLinkDamaged(linkId, error.message);
    throw error;
  }
}

async function prepareImage(deps: Deps, { restoreId, plan, signal }: ImportOptions): Promise<void> {
  const { rbd } = deps;
  const mark = { key: restoreMark, value: markOf(restoreId, plan.fresh) };
  const existing = await rbd.findImage(plan.fresh);
  if (existing === undefined) {
    const { sizeBytes, objectSizeBytes } = plan;
    await rbd.createImage(plan.fresh, { sizeBytes, objectSizeBytes, mark });
    return;
  }
  const found = await rbd.readImageMark(plan.fresh, restoreMark);
  // An attempt that died between creating and marking it left none; the name alone holds the restore's id.
  if (found !== undefined && found !== mark.value) {
    throw new AppError(
      'CONFLICT_IMAGE_EXISTS',
      `${formatLocation(plan.fresh)} belongs to another restore (${found}); remove it or restore under another name`,
    );
  }
  // An import that outlived its worker must not write into what the next link has changed.
  await waitUntilFree(deps, plan.fresh, signal);
}

async function importChain(
  { rbd, store, catalog }: Deps,
  options: ImportOptions,
  chain: LinkManifest[],
): Promise<void> {
  const { plan, signal, onProgress } = options;
  const present = new Set((await rbd.listSnapshots(plan.fresh)).map(({ name }) => name));
  const done = chain.findLastIndex(({ toSnapshot }) => present.has(toSnapshot.name));
  let importedBytes = chain.slice(0, done + 1).reduce((sum, { segments }) => sum + segments.plainBytes, 0);
  for (const [index, link] of chain.entries()) {
    if (index <= done) continue;
    signal.throwIfAborted();
    const stream = releasingChunks(store.openLinkStream(link, { signal }), (bytes) => {
      importedBytes += bytes;
      onProgress(importedBytes);
    });
    await markDamage(catalog, link.linkId, () => rbd.importDiff(plan.fresh, stream, { signal }));
    // The snapshot of the link before has served as the from-snapshot of this one.
    const before = chain[index - 1];
    if (before !== undefined) await rbd.removeSnapshot(plan.fresh, before.toSnapshot.name);
  }
}

/** The to-snapshot is import-diff's commit mark, and the size must be the point's. */
async function checkImage({ rbd }: Deps, plan: RestoreDiskPlan, link: LinkManifest): Promise<void> {
  const [{ sizeBytes }, snapshots] = await Promise.all([
    rbd.showImage(plan.fresh),
    rbd.listSnapshots(plan.fresh),
  ]);
  if (!snapshots.some(({ name }) => name === link.toSnapshot.name)) {
    throw new AppError(
      'INTEGRITY_IMPORT',
      `${formatLocation(plan.fresh)} lacks snapshot ${link.toSnapshot.name} after its import`,
    );
  }
  if (sizeBytes !== link.source.sizeBytes) {
    throw new AppError(
      'INTEGRITY_IMPORT',
      `${formatLocation(plan.fresh)} has ${sizeBytes} bytes after its import, the point had ${link.source.sizeBytes}`,
    );
  }
}

function lastOf<T>(list: readonly T[]): T {
  const last = list.at(-1);
  if (last === undefined) throw new AppError('INTEGRITY_CHAIN', 'the chain of this disk is empty');
  return last;
}
