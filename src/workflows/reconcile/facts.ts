import type { Facts, PoolPlace, ReconcileDeps } from './deps.ts';

type Deps = Pick<ReconcileDeps, 'rbd' | 'catalog' | 'backupsPool' | 'diskPools'>;

export function createFacts({ rbd, catalog, backupsPool, diskPools }: Deps): Facts {
  const listings = new Map<string, ReturnType<Facts['imagesOf']>>();
  let pools: ReturnType<Facts['pools']> | undefined;
  return {
    imagesOf: async (at) => {
      const key = keyOf(at);
      const listing = listings.get(key) ?? rbd.listImagesLong(at.cluster, at.pool);
      listings.set(key, listing);
      return await listing;
    },
    pools: async () => {
      pools ??= catalog.reconcile.pools().then((more) => {
        const all = [backupsPool, ...diskPools, ...more];
        return [...new Map(all.map((place) => [keyOf(place), place])).values()];
      });
      return await pools;
    },
  };
}

function keyOf({ cluster, pool }: PoolPlace): string {
  return `${cluster}:${pool}`;
}
