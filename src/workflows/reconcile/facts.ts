import { AppError, describeError } from '../../base/errors.ts';
import type { Facts, PoolPlace, ReconcileDeps } from './deps.ts';

type Deps = Pick<ReconcileDeps, 'rbd' | 'catalog' | 'backupsPool' | 'diskPools'>;

/** A pool that cannot be listed is told once and counts as empty, so that the others are looked at. */
export function createFacts(deps: Deps, onProblem: (problem: string) => void): Facts {
  const { rbd } = deps;
  const listed = new Map<string, Promise<unknown[]>>();
  let pools: ReturnType<Facts['pools']> | undefined;

  async function list<T>(what: string, at: PoolPlace, ask: () => Promise<T[]>): Promise<T[]> {
    const key = `${what} ${keyOf(at)}`;
    const asked = listed.get(key) ?? ask().catch((error: unknown) => emptyPool(what, at, error, onProblem));
    listed.set(key, asked);
    return (await asked) as T[];
  }

  return {
    imagesOf: (at) => list('images', at, () => rbd.listImagesLong(at.cluster, at.pool)),
    trashOf: (at) => list('the trash', at, () => rbd.listTrashEntries(at.cluster, at.pool)),
    pools: async () => await (pools ??= poolsOf(deps)),
  };
}

/** Of a cluster that is no longer configured nothing can be asked. */
async function poolsOf({ rbd, catalog, backupsPool, diskPools }: Deps): Promise<PoolPlace[]> {
  const all = [backupsPool, ...diskPools, ...(await catalog.reconcile.pools())];
  const clusters = rbd.clusterNames();
  const places = new Map(all.map(({ cluster, pool }) => [keyOf({ cluster, pool }), { cluster, pool }]));
  return [...places.values()].filter(({ cluster }) => clusters.includes(cluster));
}

function emptyPool(
  what: string,
  { cluster, pool }: PoolPlace,
  error: unknown,
  onProblem: (problem: string) => void,
): never[] {
  if (!(error instanceof AppError) || !error.code.startsWith('CEPH_')) throw error;
  // Not every cloud has a pool of Nova's.
  if (error.code !== 'CEPH_NO_POOL' && error.code !== 'CEPH_NOT_FOUND')
    onProblem(`${what} of pool ${pool} of cluster ${cluster} could not be listed: ${describeError(error)}`);
  return [];
}

function keyOf({ cluster, pool }: PoolPlace): string {
  return `${cluster}:${pool}`;
}
