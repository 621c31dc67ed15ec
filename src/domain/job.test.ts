import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canMoveJob, isFinishedJob, jobStates, statesBefore, type JobState } from './job.ts';

describe('states of a job', () => {
  const legal: [JobState, JobState][] = [
    ['queued', 'running'],
    ['queued', 'failed'],
    ['queued', 'cancelled'],
    ['running', 'running'],
    ['running', 'succeeded'],
    ['running', 'failed'],
    ['running', 'cancelled'],
  ];

  for (const from of jobStates) {
    for (const to of jobStates) {
      const expected = legal.some(([a, b]) => a === from && b === to);
      it(`${from} to ${to}: ${expected ? 'legal' : 'refused'}`, () => {
        assert.equal(canMoveJob(from, to), expected);
        assert.equal(statesBefore(to).includes(from), expected);
      });
    }
  }

  it('a finished job goes nowhere', () => {
    assert.deepEqual(jobStates.filter(isFinishedJob), ['succeeded', 'failed', 'cancelled']);
  });

  it('a job that was never started cannot have succeeded', () => {
    assert.equal(canMoveJob('queued', 'succeeded'), false);
  });
});
