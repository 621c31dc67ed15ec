import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { choosePoints } from './choose-points.ts';
import {
  expire,
  simulatePolicy,
  takePoint,
  type SimulatedDay,
  type SimulatedLink,
  type SimulatedSource,
} from './policy-simulation.ts';
import { cycleOf, expirationOf, type PolicySpec } from './policy.ts';
import { applyRetention } from './retention.ts';
import { runsBetween } from './schedule.ts';
import { pointsOfWholeChains } from './whole-chains.ts';

const configuredCycle = { maxIncrements: 30, maxDays: 7 };
const from = new Date('2026-11-22T00:00:00Z');
const dayMs = 86_400_000;

function simulate(spec: PolicySpec, days: number): SimulatedDay[] {
  const steps = simulatePolicy(spec, { sourceId: 'a', from, days, configuredCycle });
  return [...steps].filter((step) => typeof step !== 'number');
}

function daily(more: Partial<PolicySpec>): PolicySpec {
  return {
    schedule: { kind: 'cron', expression: '0 2 * * *', timeZone: 'UTC' },
    spreadMinutes: 0,
    consistency: 'crash',
    ...more,
  };
}

test('seven days by rules: one full for ever, folded along', () => {
  const days = simulate(
    daily({
      cycle: { kind: 'forever' },
      retention: { kind: 'rules', rules: { keepDaily: 7 }, strategy: 'fold' },
    }),
    30,
  );
  assert.deepEqual(
    days.slice(0, 9).map(({ points }) => points),
    [1, 2, 3, 4, 5, 6, 7, 7, 7],
  );
  assert.equal(days.flatMap(({ taken }) => taken).filter(({ kind }) => kind === 'full').length, 1);
  assert.ok(days.every(({ fulls }) => fulls === 1));
  assert.deepEqual(
    days[29]?.deleted.map((at) => at.toISOString()),
    ['2026-12-14T02:00:00.000Z'],
  );
});

test('cycles of three days: a chain goes as a whole, once the next one is as long', () => {
  const days = simulate(
    daily({ cycle: { kind: 'cycle', days: 3 }, retention: { kind: 'cycles', cycles: 1 } }),
    12,
  );
  assert.deepEqual(
    days.map(({ points, fulls, deleted }) => [points, fulls, deleted.length]),
    [
      [1, 1, 0],
      [2, 1, 0],
      [3, 1, 0],
      [4, 2, 0],
      [5, 2, 0],
      [6, 2, 0],
      [4, 2, 3],
      [5, 2, 0],
      [6, 2, 0],
      [4, 2, 3],
      [5, 2, 0],
      [6, 2, 0],
    ],
  );
});

test('without a retention nothing is deleted; without a cycle the configured one holds', () => {
  const days = simulate(daily({}), 20);
  assert.equal(days.at(-1)?.points, 20);
  assert.equal(days.at(-1)?.fulls, 3);
});

const count = fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined });
const retentions: fc.Arbitrary<PolicySpec['retention']> = fc.oneof(
  fc.record({
    kind: fc.constant('rules' as const),
    rules: fc.record({
      keepLast: fc.integer({ min: 1, max: 5 }),
      keepHourly: count,
      keepDaily: count,
      keepWeekly: count,
      keepMonthly: count,
      keepWithinDays: count,
    }),
    strategy: fc.constantFrom('fold' as const, 'chains' as const),
  }),
  fc.record({ kind: fc.constant('cycles' as const), cycles: fc.integer({ min: 1, max: 3 }) }),
);
const policies: fc.Arbitrary<PolicySpec> = fc.record({
  schedule: fc.integer({ min: 120, max: 4000 }).map((everyMinutes) => ({ kind: 'every', everyMinutes })),
  spreadMinutes: fc.integer({ min: 0, max: 60 }),
  cycle: fc.record({
    kind: fc.constant('cycle' as const),
    increments: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
    days: fc.integer({ min: 0, max: 9 }),
  }),
  retention: retentions,
  consistency: fc.constant('crash' as const),
});

/** Every link leads to a full, and every point has its own. */
function assertWhole({ points, links }: SimulatedSource): void {
  const byId = new Map(links.map((link) => [link.id, link]));
  for (const { id } of points) {
    const own = links.find(({ pointId }) => pointId === id);
    assert.ok(own, `point ${id} has a link`);
    let link: SimulatedLink = own;
    for (let steps = 0; link.parentLinkId !== undefined; steps += 1) {
      const parent = byId.get(link.parentLinkId);
      assert.ok(parent, `link ${link.id} stands on ${link.parentLinkId}, which is gone`);
      assert.ok(parent.depth < link.depth && steps < links.length);
      link = parent;
    }
  }
}

test('property: retention orphans no chain and leaves the newest point', () => {
  fc.assert(
    fc.property(policies, fc.integer({ min: 1, max: 60 }), (spec, runs) => {
      const source: SimulatedSource = { points: [], links: [] };
      const timing = { from, to: new Date(from.getTime() + runs * dayMs) };
      for (const at of runsBetween(spec, 'a', { ...timing, limit: 100 })) {
        takePoint(source, cycleOf(spec, configuredCycle), at);
        expire(source, spec, configuredCycle, at);
        assertWhole(source);
        assert.equal(source.points.at(-1)?.takenAt, at);
        assert.equal(source.links.length, source.points.length, 'nothing is left of what was deleted');
      }
    }),
    { numRuns: 30 },
  );
});

test('property: the simulator says what expiries day by day leave', () => {
  fc.assert(
    fc.property(policies, fc.integer({ min: 1, max: 40 }), (spec, days) => {
      const simulated = simulate(spec, days);
      // A second account of the same days, by the rules alone: points, chains as sets, no links.
      let points: { id: string; takenAt: Date; state: 'complete'; chainId: string }[] = [];
      const deleted: string[] = [];
      const rule = expirationOf(spec, configuredCycle);
      const runs = simulated.flatMap(({ taken }) => taken);
      assert.deepEqual(
        runs.map(({ at }) => at),
        runsBetween(spec, 'a', { from, to: new Date(from.getTime() + days * dayMs - 1) }),
      );
      let chainId = '';
      for (const { at, kind } of runs) {
        const id = at.toISOString();
        chainId = kind === 'full' ? id : chainId;
        points.push({ id, takenAt: at, state: 'complete', chainId });
        const going = new Set(
          applyRetention(points, rule?.rules ?? {}, at)
            .filter(({ reasons }) => reasons.length === 0)
            .map((verdict) => verdict.id),
        );
        const gone =
          rule?.strategy === 'chains'
            ? pointsOfWholeChains(
                points.map((point) => ({ pointId: point.id, chainId: point.chainId })),
                going,
              )
            : going;
        deleted.push(...points.filter((point) => gone.has(point.id)).map((point) => point.id));
        points = points.filter((point) => !gone.has(point.id));
      }
      assert.deepEqual(
        simulated.flatMap((day) => day.deleted.map((at) => at.toISOString())),
        deleted,
      );
      assert.equal(simulated.at(-1)?.points, points.length);
    }),
    { numRuns: 30 },
  );
});

test('property: rules never let the last good point go, whatever is damaged', () => {
  const states = fc.constantFrom('complete' as const, 'damaged' as const, 'deleted' as const);
  fc.assert(
    fc.property(fc.array(states, { maxLength: 20 }), retentions, (all, retention) => {
      const points = all.map((state, index) => ({
        id: String(index),
        takenAt: new Date(from.getTime() + index * dayMs),
        state,
      }));
      const links = points.map(({ id, state }) => ({ pointId: id, chainId: 'one', pointState: state }));
      const rule = expirationOf({ cycle: { kind: 'cycle', days: 1 }, retention }, configuredCycle);
      assert.ok(rule);
      const now = new Date(from.getTime() + 100 * dayMs);
      const choices = choosePoints(points, links, { ...rule, pointIds: null, allowNewest: false }, now);
      const lastGood = points.filter(({ state }) => state === 'complete').at(-1);
      if (lastGood === undefined) return;
      const choice = choices.find(({ point }) => point.id === lastGood.id);
      assert.notDeepEqual(choice?.reasons, []);
    }),
  );
});
