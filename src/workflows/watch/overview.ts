/** How the service is doing, for administrators: the figures of monitoring, with what people ask beside them. */
import type { Clock } from '../../base/clock.ts';
import { authorize, notFound, type Caller } from '../../domain/access.ts';
import { objectiveOf } from '../../domain/recovery-objective.ts';
import { storeOf } from '../../domain/store-names.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { StoreUsageDay } from '../../drivers/catalog/store-usage.ts';
import type { FailureWatch, JobWatch, PolicyWatch, StoreWatch } from '../../drivers/catalog/watch.ts';

export interface OverviewOperations {
  show(caller: Caller): Promise<Overview>;
  storeUsage(caller: Caller, nameOrId: string, since: Date | undefined): Promise<StoreUsage>;
}

export interface Overview {
  at: Date;
  /** Enabled ones that have a source. `dueAt`: the run that every source must have a point of by now. */
  policies: (PolicyWatch & { policy: string; dueAt: Date })[];
  /** Queued and running ones. */
  jobs: JobWatch[];
  failures: FailureWatch[];
  damagedPoints: number;
  pendingRestores: number;
  /** Newest verification by level. */
  verifications: { level: string; at: Date }[];
  stores: StoreWatch[];
}

export interface StoreUsage {
  storeId: string;
  /** Now. */
  links: number;
  storedBytes: number;
  /** As it was at the first look of each day, oldest first. */
  days: StoreUsageDay[];
}

export interface OverviewDeps {
  catalog: Pick<Catalog, 'watch' | 'stores' | 'storeUsage'> & { policies: Pick<Catalog['policies'], 'all'> };
  clock: Clock;
  /** What a run may take before its point is missed. */
  graceMinutes: number;
}

/** What it costs follows from policies, sources, unfinished jobs and a week's failures, as monitoring does. */
export async function showOverview(
  { catalog, clock, graceMinutes }: OverviewDeps,
  caller: Caller,
): Promise<Overview> {
  authorize(caller, 'inspect', null, 'the overview');
  const at = clock.now();
  const policies = (await catalog.policies.all()).filter(({ enabled }) => enabled);
  const due = new Map(policies.map(({ id, spec }) => [id, objectiveOf(spec, at, graceMinutes)]));
  const names = new Map(policies.map(({ id, name }) => [id, name]));
  const { watch } = catalog;
  const watched = await watch.policies([...due].map(([policyId, dueAt]) => ({ policyId, dueAt })));
  return {
    at,
    policies: watched
      .map((policy) => ({
        ...policy,
        policy: names.get(policy.policyId) ?? policy.policyId,
        dueAt: due.get(policy.policyId) ?? at,
      }))
      .sort((one, other) => other.missed - one.missed || (one.policy < other.policy ? -1 : 1)),
    jobs: await watch.unfinishedJobs(),
    failures: await watch.failedJobs(),
    damagedPoints: await watch.damagedPoints(),
    pendingRestores: await watch.pendingRestores(),
    verifications: await watch.verifications(),
    stores: await watch.stores(),
  };
}

const usualDays = 90;
const mostDays = 3660;
const dayMs = 86_400_000;

/** One figure a day; never more than those of ten years. */
export async function showStoreUsage(
  { catalog, clock }: Pick<OverviewDeps, 'catalog' | 'clock'>,
  caller: Caller,
  nameOrId: string,
  since: Date | undefined,
): Promise<StoreUsage> {
  authorize(caller, 'inspect', null, 'the stores');
  const store = storeOf(await catalog.stores.list(), nameOrId);
  if (store === undefined) throw notFound(`store "${nameOrId}"`);
  const storeId = store.id;
  const nowMs = clock.now().getTime();
  const fromMs = Math.max(since?.getTime() ?? nowMs - usualDays * dayMs, nowMs - mostDays * dayMs);
  const now = (await catalog.watch.stores()).find((store) => store.storeId === storeId);
  return {
    storeId,
    links: now?.links ?? 0,
    storedBytes: now?.storedBytes ?? 0,
    days: await catalog.storeUsage.ofStore(storeId, new Date(fromMs).toISOString().slice(0, 10)),
  };
}
