/** Which points of one source an expiry deletes. Pure: what a policy's simulation shows is what its expiries do. */
import type { ExpireStrategy } from './expiration.ts';
import { applyRetention, newestComplete, type RetainedPoint, type RetentionRules } from './retention.ts';
import { pointsOfWholeChains, type ChainMember } from './whole-chains.ts';

/** What was asked for: points by rules, or by their ids. */
export interface ExpireRule {
  strategy: ExpireStrategy;
  /** null when the points are named. */
  rules: RetentionRules | null;
  /** Points that are named; null for all that the rules let go. */
  pointIds: readonly string[] | null;
  /** Whether the newest complete point may go when it is named; the next backup is a full then. */
  allowNewest: boolean;
}

export type PointState = RetainedPoint['state'] | 'deleted';

export interface ChoosablePoint {
  id: string;
  takenAt: Date;
  state: PointState;
}

export interface ChoosableLink extends ChainMember {
  pointState: PointState;
}

export interface PointChoice<P> {
  point: P;
  /** Why it stays, in words; empty when it goes. */
  reasons: string[];
}

/** One choice for each point of one source, newest first. */
export function choosePoints<P extends ChoosablePoint>(
  points: readonly P[],
  links: readonly ChoosableLink[],
  { strategy, rules, pointIds, allowNewest }: ExpireRule,
  now: Date,
): PointChoice<P>[] {
  const living = points.flatMap(({ id, takenAt, state }) =>
    state === 'deleted' ? [] : [{ id, takenAt, state }],
  );
  const newest = newestComplete(living)?.id;
  const verdicts = new Map(applyRetention(living, rules ?? {}, now).map(({ id, reasons }) => [id, reasons]));
  const reasonsOf = (id: string): string[] => {
    const byRules = rules === null ? [] : (verdicts.get(id) ?? []);
    if (byRules.length > 0) return byRules;
    if (pointIds !== null && !pointIds.includes(id)) return ['not asked for'];
    return id === newest && !allowNewest ? ['newest'] : [];
  };
  const choices = [...verdicts.keys()].flatMap((id) =>
    points.filter((point) => point.id === id).map((point) => ({ point, reasons: reasonsOf(id) })),
  );
  return strategy === 'chains' ? heldByChains(choices, links) : choices;
}

function heldByChains<P extends ChoosablePoint>(
  choices: PointChoice<P>[],
  links: readonly ChoosableLink[],
): PointChoice<P>[] {
  const deleted = links.filter(({ pointState }) => pointState === 'deleted').map(({ pointId }) => pointId);
  const mayGo = choices.filter(({ reasons }) => reasons.length === 0).map(({ point }) => point.id);
  const going = pointsOfWholeChains(links, new Set([...mayGo, ...deleted]));
  return choices.map((choice) =>
    choice.reasons.length > 0 || going.has(choice.point.id)
      ? choice
      : { ...choice, reasons: ['another point of its chain stays'] },
  );
}
