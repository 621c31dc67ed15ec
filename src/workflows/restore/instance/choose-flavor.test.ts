import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FlavorDescription } from '../../../domain/instance.ts';
import { describeDifference, isSameFlavor, rankFlavors } from './choose-flavor.ts';

function flavor(originalName: string, change: Partial<FlavorDescription> = {}): FlavorDescription {
  return {
    originalName,
    vcpus: 2,
    ramMib: 2048,
    diskGib: 0,
    ephemeralGib: 0,
    swapMib: 0,
    extraSpecs: {},
    ...change,
  };
}

const small = fc.integer({ min: 0, max: 3 });
const anyFlavor = fc
  .record({
    originalName: fc.constantFrom('m1.small', 'm1.large', 'g1.gpu'),
    vcpus: small,
    ramMib: small,
    diskGib: small,
    ephemeralGib: small,
    swapMib: small,
    gpu: fc.boolean(),
  })
  .map(({ gpu, ...sizes }) => flavor('', { ...sizes, extraSpecs: gpu ? { gpu: '1' } : {} }));

test('only what is large enough is offered, and the flavor itself comes first whenever it is there', () => {
  fc.assert(
    fc.property(anyFlavor, fc.array(anyFlavor), (recorded, offered) => {
      const ranked = rankFlavors(recorded, offered);
      for (const each of ranked) {
        assert.ok(each.vcpus >= recorded.vcpus && each.ramMib >= recorded.ramMib);
        assert.ok(each.ephemeralGib >= recorded.ephemeralGib && each.swapMib >= recorded.swapMib);
      }
      const same = offered.some((each) => isSameFlavor(recorded, each));
      assert.equal(ranked[0] !== undefined && isSameFlavor(recorded, ranked[0]), same);
      assert.equal(rankFlavors(recorded, [...offered, recorded]).length, ranked.length + 1);
    }),
  );
});

test('the nearest of those that are larger: by extra specs, memory, processors', () => {
  const recorded = flavor('m1.small', { extraSpecs: { 'hw:numa_nodes': '1' } });
  const offered = [
    flavor('m1.small', { ramMib: 1024, extraSpecs: recorded.extraSpecs }),
    flavor('plain'),
    flavor('numa-large', { ramMib: 8192, extraSpecs: recorded.extraSpecs }),
    flavor('numa-4', { ramMib: 4096, vcpus: 4, extraSpecs: recorded.extraSpecs }),
    flavor('numa-2', { ramMib: 4096, extraSpecs: recorded.extraSpecs }),
  ];
  assert.deepEqual(
    rankFlavors(recorded, offered).map(({ originalName }) => originalName),
    ['numa-2', 'numa-4', 'numa-large', 'plain'],
  );
});

test('what is different is told', () => {
  const recorded = flavor('m1.small', { extraSpecs: { a: '1', b: '1' } });
  const other = flavor('m1.large', { ramMib: 4096, diskGib: 40, extraSpecs: { a: '1', c: '1' } });
  assert.equal(
    describeDifference(recorded, other),
    'ramMib 4096 instead of 2048, other extra spec b, extra spec c',
  );
  assert.equal(describeDifference(recorded, recorded), '');
});
