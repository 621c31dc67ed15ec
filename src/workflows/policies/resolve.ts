/**
 * What the assignments mean in the cloud of this moment. New instances are picked up; those that were deleted keep
 * their points, as the policy's retention says; those that no policy has any more are forgotten, and their points stay.
 */
import { AppError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import {
  policiesOfInstance,
  storeOf,
  type FollowedPolicy,
  type PolicyAssignment,
  type PolicySource,
} from '../../domain/policy-assignment.ts';
import type { Policy } from '../../domain/policy.ts';
import { latestNextRun, nextRun } from '../../domain/schedule.ts';
import type { ResolvedTarget } from '../../domain/target.ts';
import type { PlannedSource } from '../../drivers/catalog/policy-sources.ts';
import type { ResolveDeps } from './deps.ts';

const dayMs = 86_400_000;
/** A cron expression takes about a millisecond. */
const plansOfTurn = 20;

interface Wanted extends FollowedPolicy {
  target: ResolvedTarget;
}

interface Found {
  /** By kind and id; one for each store that policies write to. */
  wanted: Map<string, Wanted[]>;
  /** Every instance there is, also those of no policy. */
  instanceIds: Set<string>;
  /** Policies with a pool that could not be looked at: what they had is left as it was. */
  unseenPolicyIds: Set<string>;
}

/** Given up when the signal is aborted: what was found out is another worker's to write then. */
export async function resolveAssignments(deps: ResolveDeps, signal?: AbortSignal): Promise<void> {
  const { catalog, clock } = deps;
  const [policies, known] = [await catalog.policies.all(), await catalog.policies.allSources()];
  if (policies.length === 0 && known.length === 0) return;
  const found = await look(deps, policies, await catalog.policies.allAssignments(), signal);
  const { planned, keptIds } = await planWanted(deps, policies, known, found);
  const change = { planned, removedIds: [] as string[] };
  for (const source of known) {
    if (keptIds.has(source.id)) continue;
    const policy = policies.find(({ id }) => id === source.policyId);
    const isWanted = found.wanted.has(keyOf(source.kind, source.sourceId));
    const fate = policy === undefined || isWanted ? 'forget' : await fateOf(deps, source, policy, found);
    if (fate === 'forget') change.removedIds.push(source.id);
    // Its points grow older all the same.
    const nextRunAt = new Date(clock.now().getTime() + dayMs);
    if (fate === 'gone') change.planned.push({ ...source, gone: true, nextRunAt });
  }
  signal?.throwIfAborted();
  if (change.planned.length + change.removedIds.length > 0) await catalog.policies.saveSources(change);
}

/** What is new, or not as it was; and what is known and goes on. */
async function planWanted(
  { clock, yieldTurn }: ResolveDeps,
  policies: readonly Policy[],
  known: readonly PolicySource[],
  { wanted }: Found,
): Promise<{ planned: PlannedSource[]; keptIds: Set<string> }> {
  const now = clock.now();
  const latest = new Map(policies.map((policy) => [policy.id, latestNextRun(policy.spec, now)]));
  const byKey = Map.groupBy(known, ({ kind, sourceId }) => keyOf(kind, sourceId));
  const planned: PlannedSource[] = [];
  const keptIds = new Set<string>();
  for (const [key, ofSource] of wanted) {
    for (const [one, before] of pairUp(ofSource, byKey.get(key) ?? [])) {
      if (before !== undefined) keptIds.add(before.id);
      const source = plan(one, before, { now, latest: latest.get(one.policy.id) ?? now });
      if (before !== undefined && isSame(before, source)) continue;
      planned.push(source);
      if (planned.length % plansOfTurn === 0) await yieldTurn();
    }
  }
  return { planned, keptIds };
}

/** What was of a policy that the source follows no more goes on as the one that took its place. */
function pairUp(
  wanted: readonly Wanted[],
  known: readonly PolicySource[],
): [Wanted, PolicySource | undefined][] {
  const left = known.filter(({ policyId }) => !wanted.some(({ policy }) => policy.id === policyId));
  return wanted.map((one) => [one, known.find(({ policyId }) => policyId === one.policy.id) ?? left.shift()]);
}

async function look(
  { listInstances, listPool, onError, defaultStore }: ResolveDeps,
  policies: readonly Policy[],
  assignments: readonly PolicyAssignment[],
  signal: AbortSignal | undefined,
): Promise<Found> {
  const found: Found = { wanted: new Map(), instanceIds: new Set(), unseenPolicyIds: new Set() };
  for await (const instance of listInstances()) {
    signal?.throwIfAborted();
    found.instanceIds.add(instance.id);
    const { id, name, projectId } = instance;
    const ofInstance = policiesOfInstance(instance, policies, assignments, defaultStore).map((followed) => ({
      ...followed,
      target: { kind: 'instance' as const, id, name, projectId },
    }));
    if (ofInstance.length > 0) found.wanted.set(keyOf('instance', id), ofInstance);
  }
  for (const { selector, policyId } of assignments) {
    const policy = policies.find(({ id }) => id === policyId);
    if (selector.kind !== 'pool' || policy === undefined) continue;
    try {
      for (const target of await imagesOf(listPool, selector)) {
        const key = keyOf(target.kind, sourceIdOf(target));
        const store = storeOf(policy, defaultStore);
        const others = found.wanted.get(key) ?? [];
        if (others.every((other) => storeOf(other.policy, defaultStore) !== store))
          found.wanted.set(key, [...others, { policy, reach: 'pool', target }]);
      }
    } catch (error) {
      found.unseenPolicyIds.add(policyId);
      onError('a pool of a policy could not be looked at', error, { policy: policy.name, ...selector });
    }
  }
  return found;
}

async function imagesOf(
  listPool: ResolveDeps['listPool'],
  { cluster, pool }: { cluster: string; pool: string },
): Promise<ResolvedTarget[]> {
  try {
    return await listPool({ cluster, pool });
  } catch (error) {
    if (error instanceof AppError && error.code === 'INPUT_EMPTY_POOL') return [];
    throw error;
  }
}

function plan(
  { policy, reach, target }: Wanted,
  before: PolicySource | undefined,
  { now, latest }: { now: Date; latest: Date },
): PlannedSource {
  const sourceId = sourceIdOf(target);
  return {
    id: before?.id ?? newId(),
    policyId: policy.id,
    revision: policy.revision,
    kind: target.kind,
    sourceId,
    sourceName: target.kind === 'image' ? `${target.location.pool}/${target.location.image}` : target.name,
    projectId: target.kind === 'image' ? undefined : target.projectId,
    target,
    reach,
    gone: false,
    nextRunAt: policy.enabled ? planRun(policy, sourceId, before, { now, latest }) : undefined,
  };
}

function planRun(
  policy: Policy,
  sourceId: string,
  before: PolicySource | undefined,
  { now, latest }: { now: Date; latest: Date },
): Date {
  const fresh = (): Date => nextRun(policy.spec, sourceId, lastInstant(before?.lastRunAt, now));
  if (before?.nextRunAt === undefined || before.gone || before.policyId !== policy.id) return fresh();
  // What is overdue was missed, and stays due whatever the schedule says now.
  if (before.nextRunAt <= now) return before.nextRunAt;
  // Later than any run can be: it was planned by a clock that was wrong.
  const isStale = before.revision !== policy.revision || before.nextRunAt > latest;
  return isStale ? fresh() : before.nextRunAt;
}

/** A clock that was set back does not bring back the runs of the time before; one that was a day ahead is not believed. */
function lastInstant(lastRunAt: Date | undefined, now: Date): Date {
  if (lastRunAt === undefined || lastRunAt <= now) return now;
  return lastRunAt.getTime() - now.getTime() <= dayMs ? lastRunAt : now;
}

function isSame(before: PolicySource, planned: PlannedSource): boolean {
  return (
    before.policyId === planned.policyId &&
    before.revision === planned.revision &&
    before.sourceName === planned.sourceName &&
    before.projectId === planned.projectId &&
    before.reach === planned.reach &&
    !before.gone &&
    before.nextRunAt?.getTime() === planned.nextRunAt?.getTime()
  );
}

/** What becomes of a source that no assignment reaches. */
async function fateOf(
  { instanceExists, catalog }: ResolveDeps,
  source: PolicySource,
  policy: Policy,
  { instanceIds, unseenPolicyIds }: Found,
): Promise<'stay' | 'gone' | 'forget'> {
  if (source.gone) return 'stay';
  if (source.kind === 'instance') {
    if (instanceIds.has(source.sourceId)) return 'forget';
    // A listing can leave out what a cell that does not answer has: only a plain no is believed.
    return (await instanceExists(source.sourceId)) ? 'stay' : 'gone';
  }
  if (unseenPolicyIds.has(policy.id)) return 'stay';
  const assignments = await catalog.policies.assignments({ policyId: policy.id, limit: 10_000 });
  return assignments.some(({ selector }) => selector.kind === 'pool') ? 'gone' : 'forget';
}

function keyOf(kind: string, sourceId: string): string {
  return `${kind} ${sourceId}`;
}

function sourceIdOf(target: ResolvedTarget): string {
  if (target.kind !== 'image') return target.id;
  const { cluster, pool, image } = target.location;
  return `${cluster}/${pool}/${image}`;
}
