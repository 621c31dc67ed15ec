import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { RebuildDeps } from '../workflows/rebuild/deps.ts';

/** The catalog as a rebuild from one store knows it. */
export function rebuildCatalog({ rebuild, jobs }: Catalog, storeId: string): RebuildDeps['catalog'] {
  return {
    knownPoints: (ids) => rebuild.knownIds('points', ids),
    knownLinks: (ids) => rebuild.knownIds('links', ids),
    pointsUnderWay: async () =>
      (await jobs.unfinished())
        .filter(({ kind }) => kind === 'backup')
        .flatMap(({ plan: { pointId } }) => (typeof pointId === 'string' ? [pointId] : [])),
    importPoint: (manifest, links) => rebuild.importPoint(manifest, links),
    missingParents: (afterId, limit) => rebuild.missingParents(storeId, afterId, limit),
    importParent: (link, parent) => rebuild.importParent(storeId, link, parent),
    settle: () => rebuild.settle(storeId),
  };
}
