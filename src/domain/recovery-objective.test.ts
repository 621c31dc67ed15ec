import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { objectiveOf } from './recovery-objective.ts';
import { nextRun, type Schedule } from './schedule.ts';

const daily: Schedule = { kind: 'cron', expression: '0 2 * * *', timeZone: 'Europe/Berlin' };

test('a run counts once its spread and the grace are over, in the time zone of the schedule', () => {
  const timing = { schedule: daily, spreadMinutes: 60 };
  const at = (text: string): string => objectiveOf(timing, new Date(text), 30).toISOString();
  assert.equal(at('2026-11-23T02:29:00Z'), '2026-11-22T01:00:00.000Z');
  assert.equal(at('2026-11-23T02:30:00Z'), '2026-11-23T01:00:00.000Z');
  assert.equal(at('2026-07-23T01:30:00Z'), '2026-07-23T00:00:00.000Z');
});

test('a run at a time that the clock jumps over counts from when it begins, an hour later', () => {
  const timing = { schedule: daily, spreadMinutes: 0 };
  const at = (text: string): string => objectiveOf(timing, new Date(text), 0).toISOString();
  assert.equal(at('2026-03-29T00:59:59Z'), '2026-03-28T01:00:00.000Z');
  assert.equal(at('2026-03-29T01:00:00Z'), '2026-03-29T01:00:00.000Z');
  assert.equal(at('2026-03-29T09:00:00Z'), '2026-03-29T01:00:00.000Z');
});

test('with a window it may be a day later', () => {
  const window = { start: '22:00', end: '23:00', timeZone: 'UTC' };
  const timing = { schedule: daily, spreadMinutes: 0, window };
  assert.equal(
    objectiveOf(timing, new Date('2026-11-23T12:00:00Z'), 0).toISOString(),
    '2026-11-22T01:00:00.000Z',
  );
});

test('it is a run of the schedule, and no other lies between it and the instant that counts', () => {
  const schedule = fc.oneof(
    fc.record({ kind: fc.constant('every' as const), everyMinutes: fc.integer({ min: 1, max: 10_000 }) }),
    fc.record({
      kind: fc.constant('cron' as const),
      expression: fc.constantFrom('0 2 * * *', '*/15 * * * *', '30 1 * * 0', '0 0 1 * *'),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu'),
    }),
  );
  fc.assert(
    fc.property(
      schedule,
      fc.date({
        min: new Date('2026-01-01T00:00:00Z'),
        max: new Date('2027-01-01T00:00:00Z'),
        noInvalidDate: true,
      }),
      fc.integer({ min: 0, max: 600 }),
      (of, now, grace) => {
        const timing = { schedule: of, spreadMinutes: 0 };
        const objective = objectiveOf(timing, now, grace);
        const counted = new Date(now.getTime() - grace * 60_000);
        assert.ok(objective <= counted);
        assert.ok(nextRun(timing, 's', objective) > counted);
      },
    ),
    { numRuns: 200 },
  );
});
