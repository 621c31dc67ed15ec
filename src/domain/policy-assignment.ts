/**
 * Which policies protect what. Pure; a source follows one policy for each store, the one that is chosen most closely for
 * it among those that write there.
 */
import type { InstanceDescription } from './instance.ts';
import type { FinalJobState } from './job.ts';
import type { PointKind } from './manifest.ts';
import { chosenPolicy, type Policy } from './policy.ts';
import type { PlannedRetry } from './retry-run.ts';
import type { ResolvedTarget } from './target.ts';

export type PolicySelector =
  | { kind: 'instance'; instanceId: string }
  | { kind: 'project'; projectId: string }
  | { kind: 'metadata'; key: string; value: string }
  | { kind: 'tag'; tag: string }
  | { kind: 'pool'; cluster: string; pool: string };

export interface PolicyAssignment {
  id: string;
  policyId: string;
  selector: PolicySelector;
  /** Reaches only what is in this project; undefined: what is in any. */
  projectId: string | undefined;
  /** Only an administrator may take it away. */
  byAdmin: boolean;
  createdAt: Date;
}

/** What brings a policy to what it protects; `choice` is the own metadata or tag `emberkeep:policy`. */
export const policyReaches = ['instance', 'choice', 'metadata', 'tag', 'project', 'pool'] as const;
export type PolicyReach = (typeof policyReaches)[number];

/** What the scheduler knows of one instance, volume or image and a policy that protects it. */
export interface PolicySource {
  id: string;
  policyId: string;
  /** Of the policy, when the next run was planned. */
  revision: number;
  kind: PointKind;
  sourceId: string;
  sourceName: string;
  projectId: string | undefined;
  target: ResolvedTarget;
  /** As of the last look at the assignments; undefined for what a release without it looked at. */
  reach?: PolicyReach | undefined;
  /** It was deleted from the cloud: its points stay as the policy's retention says, and no new ones come. */
  gone: boolean;
  /** When a backup is due; of what is gone, when its points are looked at again. */
  nextRunAt: Date | undefined;
  /** When its last backup was asked for. */
  lastRunAt: Date | undefined;
  lastState: 'running' | FinalJobState | undefined;
  lastError: string | undefined;
  /** The backup that has not ended, or whose end was not looked at yet. */
  jobId: string | undefined;
  /** The run that failed and is tried again, if that is what is due at `nextRunAt`. */
  retry: PlannedRetry | undefined;
  createdAt: Date;
}

type Selectable = Pick<InstanceDescription, 'id' | 'projectId' | 'metadata' | 'tags'>;

export interface FollowedPolicy {
  policy: Policy;
  reach: PolicyReach;
}

/** The policies of an instance, one for each store that any of them writes to. */
export function policiesOfInstance(
  instance: Selectable,
  policies: readonly Policy[],
  assignments: readonly PolicyAssignment[],
  defaultStore: string,
): FollowedPolicy[] {
  const byStore = Map.groupBy(policies, (policy) => storeOf(policy, defaultStore));
  return [...byStore.values()].flatMap((ofStore) => {
    const ids = new Set(ofStore.map(({ id }) => id));
    const own = assignments.filter(({ policyId }) => ids.has(policyId));
    const followed = policyOfInstance(instance, ofStore, own);
    return followed === undefined ? [] : [followed];
  });
}

/** Name of the store that a policy writes to. */
export function storeOf({ spec }: Pick<Policy, 'spec'>, defaultStore: string): string {
  return spec.store ?? defaultStore;
}

/**
 * Among the policies of one store: what names the instance itself comes first, then its own choice among the published
 * policies, then its metadata and tags, then its project. Of two that are equally close, the one that is for this project only,
 * then the older one.
 */
function policyOfInstance(
  instance: Selectable,
  policies: readonly Policy[],
  assignments: readonly PolicyAssignment[],
): FollowedPolicy | undefined {
  const chosen = chosenPolicy(instance);
  const own = policies.find(({ name, published }) => published && name === chosen);
  const [closest] = assignments
    .filter((assignment) => reaches(assignment, instance))
    .sort((one, other) => rankOf(other) - rankOf(one) || olderFirst(one, other));
  if (own !== undefined && closest?.selector.kind !== 'instance') return { policy: own, reach: 'choice' };
  const policy = policies.find(({ id }) => id === closest?.policyId);
  return policy && closest && { policy, reach: closest.selector.kind };
}

function reaches({ selector, projectId }: PolicyAssignment, instance: Selectable): boolean {
  if (projectId !== undefined && projectId !== instance.projectId) return false;
  switch (selector.kind) {
    case 'instance':
      return selector.instanceId === instance.id;
    case 'project':
      return selector.projectId === instance.projectId;
    case 'metadata':
      return instance.metadata[selector.key] === selector.value;
    case 'tag':
      return instance.tags.includes(selector.tag);
    case 'pool':
      return false;
  }
}

const ranks: Record<PolicySelector['kind'], number> = {
  instance: 6,
  metadata: 4,
  tag: 4,
  project: 2,
  pool: 0,
};

function rankOf({ selector, projectId }: PolicyAssignment): number {
  return ranks[selector.kind] + (projectId === undefined ? 0 : 1);
}

function olderFirst(one: PolicyAssignment, other: PolicyAssignment): number {
  return one.createdAt.getTime() - other.createdAt.getTime() || (one.id < other.id ? -1 : 1);
}
