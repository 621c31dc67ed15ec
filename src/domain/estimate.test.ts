import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { estimateMs, median } from './estimate.ts';

test('without a sample there is no figure', () => {
  assert.equal(estimateMs([], 1), undefined);
  assert.equal(median([]), undefined);
});

test('samples on a line give what is on the line', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 60_000 }),
      fc.integer({ min: 1, max: 50 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { minLength: 2, maxLength: 20 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      (base, perByte, sizes, wanted) => {
        const samples = sizes.map((bytes) => ({ bytes, durationMs: base + perByte * bytes }));
        const found = estimateMs(samples, wanted) ?? NaN;
        assert.ok(Math.abs(found - (base + perByte * wanted)) <= 1e-6 * (base + perByte * wanted) + 1e-3);
      },
    ),
  );
});

test('whatever was measured, more bytes take no less time and none take less than nothing', () => {
  const sample = fc.record({ bytes: fc.nat(1_000_000), durationMs: fc.nat(1_000_000) });
  fc.assert(
    fc.property(
      fc.array(sample, { minLength: 1, maxLength: 20 }),
      fc.nat(1e6),
      fc.nat(1e6),
      (samples, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map(
          (bytes) => estimateMs(samples, bytes) ?? NaN,
        );
        assert.ok((less ?? NaN) >= 0 && (more ?? NaN) >= (less ?? NaN) - 1e-6);
      },
    ),
  );
});

test('one restore tells how long a smaller one takes at most, and scales for a larger one', () => {
  assert.equal(estimateMs([{ bytes: 100, durationMs: 50 }], 10), 50);
  assert.equal(estimateMs([{ bytes: 100, durationMs: 50 }], 200), 100);
  assert.equal(median([9, 1, 5]), 5);
});
