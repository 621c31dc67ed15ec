import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policiesOfInstance, type PolicyAssignment, type PolicySelector } from './policy-assignment.ts';
import type { Policy } from './policy.ts';

const at = new Date('2026-11-22T12:00:00Z');

function policy(name: string, store?: string): Policy {
  return {
    id: name,
    name,
    description: '',
    published: true,
    enabled: true,
    revision: 1,
    spec: {
      schedule: { kind: 'every', everyMinutes: 60 },
      spreadMinutes: 0,
      consistency: 'crash',
      ...(store === undefined ? {} : { store }),
    },
    createdAt: at,
    updatedAt: at,
  };
}

let made = 0;
function assignment(policyId: string, selector: PolicySelector): PolicyAssignment {
  made += 1;
  const createdAt = new Date(at.getTime() + made);
  return { id: String(made), policyId, selector, projectId: undefined, byAdmin: true, createdAt };
}

const instance = { id: 'i-1', projectId: 'p-1', metadata: {}, tags: [] };
const project: PolicySelector = { kind: 'project', projectId: 'p-1' };
const itself: PolicySelector = { kind: 'instance', instanceId: 'i-1' };

function names(
  policies: readonly Policy[],
  assignments: readonly PolicyAssignment[],
  more: Partial<typeof instance> & { metadata?: Record<string, string> } = {},
): string[] {
  const found = policiesOfInstance({ ...instance, ...more }, policies, assignments, 'near');
  return found.map(({ policy: { name } }) => name).toSorted();
}

test('an instance follows one policy for each store, the closest of each', () => {
  const policies = [
    policy('daily'),
    policy('gold', 'near'),
    policy('offsite', 'far'),
    policy('far-too', 'far'),
  ];
  const far = assignment('offsite', project);
  const daily = assignment('daily', project);
  const gold = assignment('gold', itself);
  assert.deepEqual(names(policies, [daily, far]), ['daily', 'offsite']);
  assert.deepEqual(names(policies, [daily, gold, far]), ['gold', 'offsite'], 'no store is the default one');
  assert.deepEqual(names(policies, [far, assignment('far-too', itself)]), ['far-too']);
  assert.deepEqual(names(policies, [far, assignment('far-too', project)]), ['offsite'], 'the older one');
});

test('what brings a policy is told with it', () => {
  const reach = (assignments: PolicyAssignment[], more: object = {}): string[] =>
    policiesOfInstance({ ...instance, ...more }, [policy('daily')], assignments, 'near').map(
      (followed) => followed.reach,
    );
  const tag = assignment('daily', { kind: 'tag', tag: 't' });
  const metadata = assignment('daily', { kind: 'metadata', key: 'k', value: 'v' });
  const wider = assignment('daily', project);
  assert.deepEqual(reach([wider]), ['project']);
  assert.deepEqual(reach([wider, tag], { tags: ['t'] }), ['tag']);
  assert.deepEqual(reach([wider, metadata], { metadata: { k: 'v' } }), ['metadata']);
  const chosen = { tags: ['t', 'emberkeep:policy=daily'] };
  assert.deepEqual(reach([wider, tag], chosen), ['choice']);
  assert.deepEqual(reach([wider, tag, assignment('daily', itself)], chosen), ['instance']);
});

test('its own choice stands over others of that store alone', () => {
  const policies = [policy('daily'), policy('hourly'), policy('offsite', 'far')];
  const assignments = [assignment('daily', project), assignment('offsite', project)];
  const chosen = { metadata: { 'emberkeep:policy': 'hourly' } };
  assert.deepEqual(names(policies, assignments, chosen), ['hourly', 'offsite']);
  const elsewhere = { metadata: { 'emberkeep:policy': 'offsite' } };
  assert.deepEqual(names(policies, [assignments[0]!], elsewhere), ['daily', 'offsite']);
});
