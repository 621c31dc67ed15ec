/** What monitoring sees of the whole service, whichever replica is asked. */
import type { Clock } from '../../base/clock.ts';
import { objectiveOf } from '../../domain/recovery-objective.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { ServiceState } from '../../drivers/telemetry/metrics.ts';

export interface WatchDeps {
  catalog: {
    policies: Pick<Catalog['policies'], 'all'>;
    watch: Catalog['watch'];
    stores: Pick<Catalog['stores'], 'list'>;
  };
  clock: Clock;
  storesThere: () => Promise<ServiceState['storesThere']>;
  /** Of those that can be asked. */
  storeSpace: () => Promise<ServiceState['storeSpace']>;
}

export interface WatchOptions {
  /** Sources that are shown one by one, at most. */
  sources: number;
  /** What a run may take before its point is missed. */
  graceMinutes: number;
}

/** @throws CATALOG_*. */
export async function stateOfService(
  { catalog, clock, storesThere, storeSpace }: WatchDeps,
  { sources, graceMinutes }: WatchOptions,
): Promise<ServiceState> {
  const now = clock.now();
  const policies = await catalog.policies.all();
  const names = new Map(policies.map(({ id, name }) => [id, name]));
  const objectives = policies
    .filter(({ enabled }) => enabled)
    .map(({ id, spec }) => ({ policyId: id, dueAt: objectiveOf(spec, now, graceMinutes) }));
  const nameOf = (policyId: string): string => names.get(policyId) ?? policyId;
  const watched = await catalog.watch.policies(objectives);
  const oldest = await catalog.watch.oldestSources(sources);
  const storeNames = new Map((await catalog.stores.list()).map(({ id, name }) => [id, name]));
  return {
    policies: watched.map(({ policyId, ...rest }) => ({ policy: nameOf(policyId), ...rest })),
    sources: oldest.map(({ policyId, projectId = '', ...rest }) => ({
      policy: nameOf(policyId),
      projectId,
      ...rest,
    })),
    jobs: await catalog.watch.unfinishedJobs(),
    damagedPoints: await catalog.watch.damagedPoints(),
    verifications: await catalog.watch.verifications(),
    stores: (await catalog.watch.stores()).map((store) => ({
      ...store,
      name: storeNames.get(store.storeId),
    })),
    storesThere: await storesThere(),
    storeSpace: await storeSpace().catch(() => []),
  };
}
