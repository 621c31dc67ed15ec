import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TokenBucket } from './token-bucket.ts';

interface Passed {
  atMs: number;
  tokens: number;
}

const options = fc.record({
  perSecond: fc.integer({ min: 1, max: 100_000 }),
  burst: fc.integer({ min: 1, max: 50_000 }),
});
/** Pauses before each request, ms, and the part of the burst that it asks for. */
const requests = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.double({ min: 0, max: 1, noNaN: true })),
  { minLength: 1, maxLength: 60 },
);

function run(
  { perSecond, burst }: { perSecond: number; burst: number },
  asked: [number, number][],
): { passed: Passed[]; arrivals: number[] } {
  const bucket = new TokenBucket({ perSecond, burst });
  const passed: Passed[] = [];
  const arrivals: number[] = [];
  let nowMs = 1_000;
  for (const [pauseMs, part] of asked) {
    nowMs += pauseMs;
    const tokens = Math.floor(part * burst);
    arrivals.push(nowMs);
    passed.push({ atMs: nowMs + bucket.take(tokens, nowMs), tokens });
  }
  return { passed, arrivals };
}

test('over no span of time does more pass than the burst and what the rate gives', () => {
  fc.assert(
    fc.property(options, requests, (bucket, asked) => {
      const { passed } = run(bucket, asked);
      for (const [first, { atMs: fromMs }] of passed.entries()) {
        let sum = 0;
        for (const { atMs, tokens } of passed.slice(first)) {
          sum += tokens;
          const allowed = bucket.burst + ((atMs - fromMs) / 1000) * bucket.perSecond;
          assert.ok(sum <= allowed + 1e-3 * (1 + allowed * 1e-6), `${sum} > ${allowed}`);
        }
      }
    }),
  );
});

test('nobody overtakes, and nobody waits longer than the rate demands', () => {
  fc.assert(
    fc.property(options, requests, (bucket, asked) => {
      const { passed, arrivals } = run(bucket, asked);
      let total = 0;
      let busySinceMs = arrivals[0] ?? 0;
      for (const [index, { atMs, tokens }] of passed.entries()) {
        const before = passed[index - 1];
        const arrivedMs = arrivals[index] ?? 0;
        if (before !== undefined) assert.ok(atMs >= before.atMs - 1e-6 || atMs >= arrivedMs);
        if (before === undefined || before.atMs <= arrivedMs) {
          // Nobody was waiting: at the worst the bucket was empty.
          busySinceMs = arrivedMs;
          total = 0;
        }
        total += tokens;
        assert.ok(atMs <= busySinceMs + (total / bucket.perSecond) * 1000 + 1e-3 * (1 + atMs * 1e-6));
      }
    }),
  );
});

test('it is full at the beginning and never fuller', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 5 });
  assert.equal(bucket.take(5, 0), 0);
  assert.equal(bucket.take(5, 0), 500);
  assert.equal(bucket.take(5, 1_000_000), 0);
  assert.equal(bucket.take(5, 1_000_000), 500);
});

test('a clock that jumps back stops nobody for long', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 5 });
  bucket.take(5, 1_000_000);
  assert.equal(bucket.take(5, 0), 500);
  assert.equal(bucket.take(0, 500), 0);
});
