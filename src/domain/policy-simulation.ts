/**
 * What a policy would leave of one source, day by day. Pure, and made of the very functions that decide for the real
 * ones: when a run is due, whether it is a full, which points go, and what becomes of their links.
 */
import { chainEnded, type CycleRule } from './chain.ts';
import { choosePoints } from './choose-points.ts';
import { planLinks, type PlannedLink } from './plan-links.ts';
import { cycleOf, expirationOf, type PolicySpec } from './policy.ts';
import { nextRun } from './schedule.ts';

export interface SimulationOptions {
  /** Of whom the spread is taken. */
  sourceId: string;
  /** The source has no point yet. */
  from: Date;
  days: number;
  /** What holds when the policy names no cycle. */
  configuredCycle: CycleRule;
}

export interface SimulatedDay {
  /** UTC, `2026-11-22`. */
  date: string;
  /** Backups of this day. */
  taken: { at: Date; kind: 'full' | 'increment' }[];
  /** When what was deleted on this day had been taken. */
  deleted: Date[];
  /** What is there at the end of the day. */
  points: number;
  fulls: number;
  increments: number;
  oldest: Date | undefined;
}

/** One disk with a link for each of its points. */
export interface SimulatedSource {
  points: SimulatedPoint[];
  /** In the order of their chains. */
  links: SimulatedLink[];
}

export interface SimulatedPoint {
  id: string;
  takenAt: Date;
  state: 'complete';
}

export interface SimulatedLink extends PlannedLink {
  chainId: string;
}

const dayMs = 86_400_000;

/**
 * The days, in order, and after each backup the number of points that were weighed for it: whoever asks for years can
 * do other things between, and give up.
 */
export function* simulatePolicy(
  spec: PolicySpec,
  { sourceId, from, days, configuredCycle }: SimulationOptions,
): Generator<SimulatedDay | number> {
  const source: SimulatedSource = { points: [], links: [] };
  const firstDayMs = Math.floor(from.getTime() / dayMs) * dayMs;
  let run = nextRun(spec, sourceId, from);
  for (let day = 0; day < days; day += 1) {
    const endMs = firstDayMs + (day + 1) * dayMs;
    const taken: SimulatedDay['taken'] = [];
    const deleted: Date[] = [];
    for (; run.getTime() < endMs; run = nextRun(spec, sourceId, run)) {
      taken.push({ at: run, kind: takePoint(source, cycleOf(spec, configuredCycle), run) });
      const weighed = source.points.length;
      deleted.push(...expire(source, spec, configuredCycle, run));
      yield weighed;
    }
    yield { date: new Date(endMs - dayMs).toISOString().slice(0, 10), taken, deleted, ...countOf(source) };
  }
}

function countOf({ points, links }: SimulatedSource): Omit<SimulatedDay, 'date' | 'taken' | 'deleted'> {
  const fulls = links.filter(({ parentLinkId }) => parentLinkId === undefined).length;
  return {
    points: points.length,
    fulls,
    increments: links.length - fulls,
    oldest: points[0]?.takenAt,
  };
}

/** A backup: a full where the cycle asks for one. */
export function takePoint(source: SimulatedSource, cycle: CycleRule, at: Date): 'full' | 'increment' {
  const pointId = String(Number(source.points.at(-1)?.id ?? 0) + 1);
  const head = source.links.at(-1);
  const chain = source.links.filter(({ chainId }) => chainId === head?.chainId);
  const start = source.points.find((point) => point.id === chain[0]?.pointId);
  const isFull =
    head === undefined ||
    chainEnded({
      cycle,
      chainStartedAt: start?.takenAt,
      chainIncrements: chain.length - 1,
      chainFault: undefined,
      now: at,
    }) !== undefined;
  source.points.push({ id: pointId, takenAt: at, state: 'complete' });
  source.links.push({
    id: `link-${pointId}`,
    diskKey: 'disk',
    pointId,
    pointState: 'complete',
    chainId: isFull ? `link-${pointId}` : head.chainId,
    parentLinkId: isFull ? undefined : head.id,
    depth: isFull ? 0 : head.depth + 1,
    state: 'complete',
    storedBytes: 0,
  });
  return isFull ? 'full' : 'increment';
}

/** An expiry by the policy's rule. @returns when the points that it deleted had been taken. */
export function expire(
  source: SimulatedSource,
  spec: Pick<PolicySpec, 'cycle' | 'retention'>,
  configuredCycle: CycleRule,
  now: Date,
): Date[] {
  const rule = expirationOf(spec, configuredCycle);
  if (rule === undefined) return [];
  const choices = choosePoints(
    source.points,
    source.links,
    { ...rule, pointIds: null, allowNewest: false },
    now,
  );
  const going = new Set(choices.filter(({ reasons }) => reasons.length === 0).map(({ point }) => point.id));
  if (going.size === 0) return [];
  const deleted = source.points.filter(({ id }) => going.has(id)).map(({ takenAt }) => takenAt);
  for (const plan of planLinks(source.links, going, { fold: rule.strategy === 'fold' })) {
    const drops = new Set(plan.drops);
    source.links = source.links.filter(({ id }) => !drops.has(id));
    for (const run of plan.folds) foldRun(source, run);
  }
  source.points = source.points.filter(({ id }) => !going.has(id));
  for (const link of source.links) if (going.has(link.pointId)) link.pointState = 'deleted';
  return deleted;
}

/** The last of the run takes the place of all of it. */
function foldRun(source: SimulatedSource, run: readonly string[]): void {
  const first = source.links.find(({ id }) => id === run[0]);
  const last = source.links.find(({ id }) => id === run.at(-1));
  if (first === undefined || last === undefined) return;
  last.parentLinkId = first.parentLinkId;
  const folded = new Set(run.slice(0, -1));
  source.links = source.links.filter(({ id }) => !folded.has(id));
}
