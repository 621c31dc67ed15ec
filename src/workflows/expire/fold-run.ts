/**
 * One fold, in an order in which every kept point can be restored at every instant, by the catalog and by the store's
 * manifests alone (docs/design/ordering.md). The catalog decides: until its one transaction everything can be put back,
 * from then on only forward.
 */
import { AppError } from '../../base/errors.ts';
import { retry } from '../../base/retry.ts';
import type { LinkManifest, PointManifest } from '../../domain/manifest.ts';
import type { DiskLink } from '../../drivers/catalog/expiry.ts';
import type { ExpireDeps } from './deps.ts';
import type { FoldStep } from './plan.ts';

type Deps = Pick<ExpireDeps, 'store' | 'catalog' | 'transfers'>;

/** @throws CONFLICT_CHAIN_CHANGED; INTEGRITY_*, where it can with `details.linkId`. */
export async function foldRun(deps: Deps, step: FoldStep, signal: AbortSignal): Promise<void> {
  const { store, catalog, transfers } = deps;
  const { linkIds, newLinkId } = step;
  if ((await catalog.links.get(newLinkId)) !== undefined) return;
  await assertRun(deps, step);
  const fold = async (): Promise<LinkManifest> => {
    const links: LinkManifest[] = [];
    for (const linkId of linkIds) links.push(await checkedLink(deps, linkId, signal));
    signal.throwIfAborted();
    return await store.foldLinks({ links, linkId: newLinkId, signal });
  };
  const merged = await transfers.add(fold, undefined, signal);
  // I1: the new link is durable from here on.
  signal.throwIfAborted();
  await nameInStore(deps, step, newLinkId);
  // An answer that was lost says nothing of the commit, and a repeated one changes nothing: so it is asked again.
  await retry(() => catalog.expiry.foldLinks({ linkIds, link: merged }), {
    attempts: 10,
    firstDelayMs: 200,
    maxDelayMs: 5_000,
    signal,
    shouldRetry: (error) => error instanceof AppError && error.retryable,
  });
}

/** Nothing names the old links any more: those that stand on others go first. */
export async function removeFolded({ store }: Pick<Deps, 'store'>, { linkIds }: FoldStep): Promise<void> {
  for (const linkId of linkIds.toReversed()) await store.removeLink(linkId);
}

/** Puts the store's manifests back to what the catalog says, then removes the new link. */
export async function undoFold(deps: Deps, step: FoldStep): Promise<void> {
  const { linkIds, newLinkId, diskKey } = step;
  const rows = await deps.catalog.expiry.linksOf([diskKey]);
  const isOurs = linkIds.every((linkId) => rows.some(({ id }) => id === linkId));
  // Another job has the chain now, and has put its own names in.
  if (isOurs) await nameInStore(deps, step, linkIds.at(-1) ?? '');
  await deps.store.removeLink(newLinkId);
}

/** The chain is as it was planned; another expiry may have had the disk while this job had no worker. */
async function assertRun({ catalog }: Deps, { diskKey, linkIds }: FoldStep): Promise<void> {
  const rows = await catalog.expiry.linksOf([diskKey]);
  const run = linkIds.map((linkId) => rows.find(({ id }) => id === linkId));
  const isRun = run.every(
    (row, at) =>
      row !== undefined &&
      (at === 0 || row.parentLinkId === linkIds[at - 1]) &&
      (at === linkIds.length - 1) === (row.pointState !== 'deleted'),
  );
  if (isRun) return;
  throw new AppError(
    'CONFLICT_CHAIN_CHANGED',
    `the chain of ${diskKey} is not what it was when its fold was planned`,
  );
}

async function checkedLink({ store }: Deps, linkId: string, signal: AbortSignal): Promise<LinkManifest> {
  try {
    return await store.checkLink(linkId, { signal });
  } catch (error) {
    throw naming(error, linkId);
  }
}

/** I8 needs to know which link it was. */
function naming(error: unknown, linkId: string): unknown {
  if (!(error instanceof AppError) || !error.code.startsWith('INTEGRITY_')) return error;
  return new AppError(error.code, error.message, { cause: error, details: { ...error.details, linkId } });
}

/** The point first, then what stands on the run: at every instant each of them names a link that is there. */
async function nameInStore(deps: Deps, { linkIds, diskKey }: FoldStep, linkId: string): Promise<void> {
  const { store, catalog } = deps;
  const oldId = linkIds.at(-1) ?? '';
  const old = await catalog.links.get(oldId);
  if (old === undefined)
    throw new AppError('CONFLICT_CHAIN_CHANGED', `link ${oldId} is no longer in the catalog`);
  const point = await pointNaming(deps, old, diskKey, linkId);
  if (point !== undefined) await store.writePoint(point);
  for (const { id } of await catalog.expiry.childrenOf(oldId)) {
    const manifest = await checkedManifest(deps, id);
    if (manifest.parentLinkId !== linkId)
      await store.replaceLinkManifest({ ...manifest, parentLinkId: linkId });
  }
}

/** undefined when the point was deleted meanwhile, by another job: its manifest must not come back. */
async function pointNaming(
  { store, catalog }: Deps,
  { pointId }: Pick<DiskLink, 'pointId'>,
  diskKey: string,
  linkId: string,
): Promise<PointManifest | undefined> {
  const row = await catalog.points.get(pointId);
  if (row === undefined || row.state === 'deleted') return undefined;
  const point = (await store.readPoint(pointId)) ?? row.manifest;
  return {
    ...point,
    disks: point.disks.map((disk) => (disk.disk.key === diskKey ? { ...disk, linkId } : disk)),
  };
}

async function checkedManifest({ store }: Deps, linkId: string): Promise<LinkManifest> {
  try {
    const manifest = await store.readLinkManifest(linkId);
    if (manifest !== undefined) return manifest;
  } catch (error) {
    throw naming(error, linkId);
  }
  throw new AppError('INTEGRITY_LINK_MISSING', `link ${linkId} is not in the store`, { details: { linkId } });
}
