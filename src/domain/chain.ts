/** Full or increment: the one decision that makes or breaks a chain (I3). Pure; every refusal to continue has a reason. */
import type { LinkManifest, SnapshotIdentity, SourceImage } from './manifest.ts';

/** How long a chain grows before a new full begins. */
export interface CycleRule {
  /** Increments after the full; 0 makes every backup a full. */
  maxIncrements: number;
  /** Age of the full, days; 0 makes every backup a full. */
  maxDays: number;
}

export type FullReason =
  | 'first'
  | 'store-changed'
  | 'requested'
  | 'cycle-length'
  | 'cycle-age'
  | 'cluster-changed'
  | 'image-moved'
  | 'image-recreated'
  | 'snapshot-missing'
  | 'snapshot-recreated'
  | 'chain-damaged';

export type LinkDecision =
  | { kind: 'full'; reason: FullReason; explanation: string }
  | { kind: 'increment'; parent: LinkManifest; from: SnapshotIdentity };

export interface ChainFacts {
  /** Newest complete link of the disk in the store. */
  head: LinkManifest | undefined;
  /** Another store, where the newest complete link of all is; of interest only without a head. */
  elsewhere?: string | undefined;
  /** The state that the chain's full holds was taken then; folding moves it on. */
  chainStartedAt: Date | undefined;
  /** Increments that the chain has now; fewer than the head's depth when some were folded. */
  chainIncrements: number;
  /** What is wrong with the stored chain; undefined when every link of it verified. */
  chainFault: string | undefined;
  image: Pick<SourceImage, 'clusterId' | 'pool' | 'imageId'>;
  snapshots: readonly SnapshotIdentity[];
  cycle: CycleRule;
  forceFull: boolean;
  now: Date;
}

const dayMs = 86_400_000;

export function decideLink(facts: ChainFacts): LinkDecision {
  const { head, elsewhere } = facts;
  if (facts.forceFull) return full('requested', 'a full was asked for');
  if (head === undefined && elsewhere !== undefined)
    return full(
      'store-changed',
      `the disk's points are in store ${elsewhere}; this is its first in this store`,
    );
  if (head === undefined) return full('first', 'this disk has no complete point to go on from');
  return (
    chainEnded(facts) ??
    sourceChanged(facts, head) ?? { kind: 'increment', parent: head, from: head.toSnapshot }
  );
}

function full(reason: FullReason, explanation: string): LinkDecision {
  return { kind: 'full', reason, explanation };
}

/** The full that the cycle asks for, or damage; undefined while the chain may grow. */
export function chainEnded(
  facts: Pick<ChainFacts, 'cycle' | 'chainStartedAt' | 'chainIncrements' | 'now' | 'chainFault'>,
): LinkDecision | undefined {
  const { cycle, chainStartedAt, chainIncrements, now, chainFault } = facts;
  if (chainFault !== undefined) return full('chain-damaged', chainFault);
  if (chainIncrements + 1 > cycle.maxIncrements) {
    return full('cycle-length', `the chain has its ${cycle.maxIncrements} increments`);
  }
  if (chainStartedAt === undefined || now.getTime() - chainStartedAt.getTime() >= cycle.maxDays * dayMs) {
    return full('cycle-age', `the chain is ${cycle.maxDays} days old`);
  }
  return undefined;
}

/** I3: the same image and the same snapshot, by Ceph's ids; a name alone proves nothing. */
function sourceChanged({ image, snapshots }: ChainFacts, head: LinkManifest): LinkDecision | undefined {
  const { source, toSnapshot } = head;
  if (image.clusterId !== source.clusterId) {
    return full(
      'cluster-changed',
      `the disk was on cluster ${source.clusterId}, now it is on ${image.clusterId}`,
    );
  }
  if (image.pool !== source.pool) {
    return full('image-moved', `the disk was in pool ${source.pool}, now it is in ${image.pool}`);
  }
  if (image.imageId !== source.imageId) {
    return full(
      'image-recreated',
      `the image has another id (${image.imageId}) than the last point's (${source.imageId})`,
    );
  }
  const named = snapshots.find(({ name }) => name === toSnapshot.name);
  if (named === undefined)
    return full('snapshot-missing', `snapshot ${toSnapshot.name} of the last point is gone`);
  if (named.id !== toSnapshot.id) {
    return full(
      'snapshot-recreated',
      `snapshot ${toSnapshot.name} has another id (${named.id}) than the last point's (${toSnapshot.id})`,
    );
  }
  return undefined;
}
