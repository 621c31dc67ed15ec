import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pointsOfWholeChains, type ChainMember } from './whole-chains.ts';

const members: fc.Arbitrary<ChainMember[]> = fc.array(
  fc.record({
    pointId: fc.integer({ min: 0, max: 12 }).map((n) => `p${n}`),
    chainId: fc.integer({ min: 0, max: 6 }).map((n) => `c${n}`),
  }),
  { maxLength: 40 },
);
const mayGo = fc.uniqueArray(fc.integer({ min: 0, max: 12 }).map((n) => `p${n}`));

test('no chain is torn: all of its points go, or none', () => {
  fc.assert(
    fc.property(members, mayGo, (all, wanted) => {
      const going = pointsOfWholeChains(all, new Set(wanted));
      for (const chain of new Set(all.map(({ chainId }) => chainId))) {
        const points = all.filter(({ chainId }) => chainId === chain).map(({ pointId }) => pointId);
        assert.equal(new Set(points.map((id) => going.has(id))).size, 1);
      }
    }),
  );
});

test('only what may go goes, and as much of it as possible', () => {
  fc.assert(
    fc.property(members, mayGo, (all, wanted) => {
      const going = pointsOfWholeChains(all, new Set(wanted));
      assert.ok([...going].every((id) => wanted.includes(id)));
      // A point that stays though it may go is tied by its chains to one that may not.
      const tied = new Set(all.map(({ pointId }) => pointId).filter((id) => !wanted.includes(id)));
      for (let size = -1; size !== tied.size;) {
        size = tied.size;
        for (const { pointId, chainId } of all) {
          if (all.some((other) => other.chainId === chainId && tied.has(other.pointId))) tied.add(pointId);
        }
      }
      assert.ok(wanted.every((id) => going.has(id) !== tied.has(id)));
    }),
  );
});
