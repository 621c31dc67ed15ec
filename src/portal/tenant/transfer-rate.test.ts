import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addSample, rateOf, secondsLeft, type Sample } from './transfer-rate.ts';

const mib = 1024 * 1024;

function samplesOf(...samples: [atMs: number, bytesDone: number][]): Sample[] {
  return samples.reduce<Sample[]>((all, [atMs, bytesDone]) => addSample(all, { atMs, bytesDone }), []);
}

test('the rate is that of the last 20 s, not of the whole transfer', () => {
  const slowThenFast: [number, number][] = Array.from({ length: 61 }, (_, second) => [
    second * 1000,
    second <= 30 ? second * mib : 30 * mib + (second - 30) * 10 * mib,
  ]);
  assert.equal(rateOf(samplesOf(...slowThenFast)), 10 * mib);
});

test('memory is bounded, however long it takes', () => {
  const samples = samplesOf(
    ...Array.from({ length: 10_000 }, (_, second): [number, number] => [second * 1000, second]),
  );
  assert.ok(samples.length <= 22, String(samples.length));
});

test('there is no rate before a second has passed, nor without samples', () => {
  assert.equal(rateOf([]), undefined);
  assert.equal(rateOf(samplesOf([0, 0])), undefined);
  assert.equal(rateOf(samplesOf([0, 0], [999, mib])), undefined);
  assert.equal(rateOf(samplesOf([0, 0], [1000, mib])), mib);
});

test('an attempt that begins anew is not counted backwards', () => {
  const samples = samplesOf([0, 0], [5000, 50 * mib], [6000, 0], [8000, 4 * mib]);
  assert.equal(rateOf(samples), 2 * mib);
});

test('what is left is told only when it can be', () => {
  assert.equal(secondsLeft(50, 100, 10), 5);
  assert.equal(secondsLeft(120, 100, 10), 0);
  assert.equal(secondsLeft(50, undefined, 10), undefined);
  assert.equal(secondsLeft(50, 100, 0), undefined);
  assert.equal(secondsLeft(50, 100, undefined), undefined);
});
