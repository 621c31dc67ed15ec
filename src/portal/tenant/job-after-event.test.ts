import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job, JobEvent } from '../api/types.ts';
import { withEvent } from './job-after-event.ts';

/** As every job's stream begins, whenever it is opened. */
const events = [
  { kind: 'state', data: { state: 'queued' } },
  { kind: 'state', data: { state: 'running', attempt: 1 } },
  { kind: 'step', data: { step: 'exporting' } },
].map((event, index) => ({ id: index, job_id: 'j', at: '2026-11-22T10:00:00.000Z', ...event }) as JobEvent);

function statesOf(job: Pick<Job, 'state' | 'step'>): string[] {
  const seen: string[] = [];
  events.reduce((before, event) => {
    const next = withEvent(before, event);
    seen.push(next.state);
    return next;
  }, job as Job);
  return seen;
}

test('a waiting job runs when its event says so', () => {
  assert.deepEqual(statesOf({ state: 'queued', step: null }), ['queued', 'running', 'running']);
});

test('a running job does not wait again, and one that has ended does not run again, by events of before', () => {
  assert.deepEqual(statesOf({ state: 'running', step: null }), ['running', 'running', 'running']);
  for (const state of ['succeeded', 'failed', 'cancelled'] as const)
    assert.deepEqual(statesOf({ state, step: 'done' }), [state, state, state]);
});
