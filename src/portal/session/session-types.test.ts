import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expiringIn } from './expiry.ts';
import { choiceOf, isSameScope, type Scope } from './session-types.ts';

const domain = { id: 'default', name: 'Default' };
const blue: Scope = { type: 'project', project: { id: 'b', name: 'blue', domain } };
const green: Scope = { type: 'project', project: { id: 'g', name: 'green', domain } };

describe('scopes', () => {
  test('are the same by the project’s id, not by its name', () => {
    assert.equal(isSameScope(blue, { type: 'project', project: { id: 'b', name: 'renamed', domain } }), true);
    assert.equal(isSameScope(blue, green), false);
    assert.equal(isSameScope(blue, { type: 'system' }), false);
    assert.equal(isSameScope({ type: 'system' }, { type: 'system' }), true);
  });

  test('are chosen as the service wants it', () => {
    assert.deepEqual(choiceOf(green), { project_id: 'g' });
    assert.deepEqual(choiceOf({ type: 'system' }), { system: true });
    assert.equal(choiceOf({ type: 'unscoped' }), undefined);
  });
});

test('a session’s end is told in its last five minutes', () => {
  const end = '2026-11-27T12:00:00Z';
  const before = (ms: number): number | undefined => expiringIn(end, Date.parse(end) - ms);
  assert.equal(before(301_000), undefined);
  assert.equal(before(300_000), 300_000);
  assert.equal(before(1000), 1000);
  assert.equal(before(0), undefined);
});
