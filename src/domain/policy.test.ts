import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertPolicyName,
  assertPolicySpec,
  chosenPolicy,
  cycleOf,
  expirationOf,
  type PolicySpec,
} from './policy.ts';

const configured = { maxIncrements: 30, maxDays: 7 };

function spec(more: Partial<PolicySpec> = {}): PolicySpec {
  return {
    schedule: { kind: 'every', everyMinutes: 60 },
    spreadMinutes: 0,
    consistency: 'crash',
    ...more,
  };
}

test('a name can be typed, fits a tag of Nova and is no id', () => {
  for (const name of ['daily', 'Gold-7.2_x', 'a'.repeat(40)]) assertPolicyName(name);
  for (const name of ['', '-x', 'a b', 'a/b', 'a'.repeat(41), '6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f'])
    assert.throws(() => assertPolicyName(name), { code: 'INPUT_POLICY' }, name);
});

test('a cycle that names one end has only that one', () => {
  assert.deepEqual(cycleOf(spec(), configured), configured);
  assert.equal(cycleOf(spec({ cycle: { kind: 'cycle', days: 3 } }), configured).maxDays, 3);
  assert.ok(cycleOf(spec({ cycle: { kind: 'cycle', days: 3 } }), configured).maxIncrements > 100_000);
  assert.ok(cycleOf(spec({ cycle: { kind: 'cycle', increments: 5 } }), configured).maxDays > 10_000);
  assert.ok(cycleOf(spec({ cycle: { kind: 'forever' } }), configured).maxIncrements > 100_000);
});

test('a retention by cycles keeps whole chains for so many cycles', () => {
  assert.deepEqual(
    expirationOf({ cycle: { kind: 'cycle', days: 3 }, retention: { kind: 'cycles', cycles: 2 } }, configured),
    { rules: { keepWithinDays: 6 }, strategy: 'chains' },
  );
  assert.equal(expirationOf({}, configured), undefined);
});

test('what would never delete anything, or means nothing, is refused', () => {
  assertPolicySpec(spec({ cycle: { kind: 'forever' } }));
  for (const wrong of [
    { spreadMinutes: -1 },
    { spreadMinutes: 2000 },
    { retention: { kind: 'rules', rules: {}, strategy: 'fold' } },
    { cycle: { kind: 'forever' }, retention: { kind: 'rules', rules: { keepLast: 3 }, strategy: 'chains' } },
    { cycle: { kind: 'forever' }, retention: { kind: 'cycles', cycles: 1 } },
    { cycle: { kind: 'cycle', increments: 3 }, retention: { kind: 'cycles', cycles: 1 } },
  ] satisfies Partial<PolicySpec>[])
    assert.throws(() => assertPolicySpec(spec(wrong)), { code: 'INPUT_POLICY' }, JSON.stringify(wrong));
});

test('an instance chooses by metadata, else by a tag', () => {
  assert.equal(chosenPolicy({ metadata: { 'emberkeep:policy': ' daily ' }, tags: [] }), 'daily');
  assert.equal(chosenPolicy({ metadata: {}, tags: ['x', 'emberkeep:policy=weekly'] }), 'weekly');
  assert.equal(
    chosenPolicy({ metadata: { 'emberkeep:policy': 'daily' }, tags: ['emberkeep:policy=weekly'] }),
    'daily',
  );
  assert.equal(chosenPolicy({ metadata: { policy: 'daily' }, tags: ['emberkeep:policy'] }), undefined);
});
