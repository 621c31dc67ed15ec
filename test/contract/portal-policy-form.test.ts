import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { policyBody, policyChangeBody } from '../../src/entry/api/schemas/policy-request.ts';
import { bodyOf, formOf, newPolicy, type PolicyForm } from '../../src/portal/admin/policies/policy-form.ts';

const stamps = { created_at: '2026-11-22T10:00:00.000Z', updated_at: '2026-11-22T10:00:00.000Z' };

describe('a policy in its form', () => {
  const forms: [string, Partial<PolicyForm>][] = [
    ['as a new one is', {}],
    ['by cron in a time zone', { scheduleKind: 'cron', cron: '30 1 * * 1-5', timeZone: 'Asia/Shanghai' }],
    ['with a cycle of its own', { cycleKind: 'limits', increments: '6', days: '' }],
    ['with increments for ever', { cycleKind: 'forever' }],
    ['that keeps cycles', { retentionKind: 'cycles', cycles: '3' }],
    ['that keeps everything', { retentionKind: 'none' }],
    ['in a window', { hasWindow: true, windowZone: 'Europe/Berlin', spread: '30', bandwidth: '200' }],
    ['in a window that ends what runs', { hasWindow: true, windowCancels: true }],
    ['paused and unpublished', { consistency: 'paused', enabled: false, description: 'of the night' }],
  ];
  for (const [name, change] of forms) {
    test(`${name}: is what the API takes, and comes back the same`, () => {
      const form = { ...newPolicy, ...change, name: 'nightly' };
      const body = bodyOf(form);
      assert.equal(policyChangeBody.safeParse(body).success, true);
      assert.equal(policyBody.safeParse({ ...body, name: form.name }).success, true);
      const again = formOf({ ...body, ...stamps, id: 'p', name: form.name });
      assert.deepEqual(bodyOf(again), body);
      assert.equal(again.scheduleKind, form.scheduleKind);
    });
  }

  test('what is no number is refused by the API, not silently dropped', () => {
    const body = bodyOf({ ...newPolicy, spread: 'soon' });
    assert.equal(policyChangeBody.safeParse(JSON.parse(JSON.stringify(body))).success, false);
  });
});
