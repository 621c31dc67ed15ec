import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PolicySpec } from './policy.ts';
import { protectionOf, protectionStates, type ProtectionFacts, type ProtectionState } from './protection.ts';

const spec: PolicySpec = {
  schedule: { kind: 'every', everyMinutes: 360 },
  spreadMinutes: 0,
  consistency: 'crash',
};
const policy = { name: 'daily', enabled: true, spec };
const source = {
  sourceId: 's',
  nextRunAt: new Date('2026-11-22T18:00:00Z'),
  lastState: undefined,
  lastError: undefined,
};
const now = new Date('2026-11-22T12:00:00Z');
const at = (time: string): Date => new Date(`2026-11-${time}:00Z`);

const cases: [string, Partial<ProtectionFacts>, ProtectionState, RegExp][] = [
  ['never', {}, 'unprotected', /^no policy protects it, and it has no recovery point$/],
  ['by hand', { lastPointAt: at('22T01:00') }, 'protected', /no policy .* 2026-11-22T01:00:00Z$/],
  ['by hand, long ago', { lastPointAt: at('20T01:00') }, 'stale', /no policy protects it/],
  ['first to come', { policy, source }, 'unprotected', /first backup is due 2026-11-22T18:00:00Z/],
  ['first runs', { policy, source: { ...source, lastState: 'running' } }, 'unprotected', /under way/],
  [
    'first failed',
    { policy, source: { ...source, lastState: 'failed', lastError: 'pool full' } },
    'unprotected',
    /failed \(pool full\)/,
  ],
  ['fresh', { policy, source, lastPointAt: at('22T06:01') }, 'protected', /next backup 2026-11-22T12:00/],
  [
    'within the run',
    { policy, source, lastPointAt: at('22T03:01') },
    'stale',
    /due 2026-11-22T06:00:00Z did not/,
  ],
  ['just due', { policy, source, lastPointAt: at('22T06:00') }, 'protected', /next backup 2026-11-22T12:00/],
  [
    'missed',
    { policy, source: { ...source, lastState: 'failed' }, lastPointAt: at('21T06:00') },
    'stale',
    /due 2026-11-21T12:00:00Z failed; its newest point is of 2026-11-21T06:00:00Z/,
  ],
  [
    'disabled',
    { policy: { ...policy, enabled: false }, source, lastPointAt: at('20T06:00') },
    'stale',
    /policy "daily" is disabled/,
  ],
];
for (const [name, facts, state, reason] of cases) {
  test(`protection: ${name}`, () => {
    const found = protectionOf(
      { lastPointAt: undefined, policy: undefined, source: undefined, ...facts },
      now,
    );
    assert.equal(found.state, state, found.reason);
    assert.match(found.reason, reason);
  });
}

test('protection tells when the next backup is, and when the newest point is too old', () => {
  const facts = { lastPointAt: at('22T06:00'), policy, source };
  const renewed = protectionOf(facts, now);
  assert.deepEqual(renewed.nextRunAt, source.nextRunAt);
  // Due at 12:00, and half of the six hours for the run itself.
  assert.deepEqual(renewed.staleAt, at('22T15:00'));
  assert.equal(protectionOf(facts, new Date(at('22T15:00').getTime() - 1)).state, 'protected');
  assert.equal(protectionOf(facts, at('22T15:00')).state, 'stale');

  const byHand = protectionOf({ ...facts, policy: undefined, source: undefined }, now);
  assert.deepEqual([byHand.nextRunAt, byHand.staleAt], [undefined, at('23T06:00')]);
  const disabled = protectionOf({ ...facts, policy: { ...policy, enabled: false } }, now);
  assert.equal(disabled.nextRunAt, undefined);
  assert.equal(protectionOf({ ...facts, lastPointAt: undefined }, now).staleAt, undefined);
});

test('time alone only makes protection worse, and a newer point only better', () => {
  const rank = (facts: Partial<ProtectionFacts>, instant: Date): number =>
    protectionStates.indexOf(
      protectionOf({ lastPointAt: undefined, policy, source, ...facts }, instant).state,
    );
  const minutes = fc.integer({ min: 0, max: 20_000 });
  fc.assert(
    fc.property(minutes, minutes, minutes, (age, later, newer) => {
      const lastPointAt = new Date(now.getTime() - age * 60_000);
      const then = new Date(now.getTime() + later * 60_000);
      const fresher = new Date(Math.min(lastPointAt.getTime() + newer * 60_000, now.getTime()));
      assert.ok(rank({ lastPointAt }, now) <= rank({ lastPointAt }, then));
      assert.ok(rank({ lastPointAt: fresher }, now) <= rank({ lastPointAt }, now));
    }),
  );
});
