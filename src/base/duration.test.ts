import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanDuration } from './duration.ts';

test('durations are rounded to what people say', () => {
  const cases: [number, string][] = [
    [400, 'less than 1 s'],
    [12_300, '12 s'],
    [99_400, '99 s'],
    [180_000, '3 min'],
    [9_000_000, '2.5 h'],
    [7_200_000, '2 h'],
    [360_000_000, '100 h'],
  ];
  for (const [ms, words] of cases) assert.equal(humanDuration(ms), words);
});
