import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  allowedStart,
  assertSchedule,
  assertWindow,
  isWindowOpen,
  latestNextRun,
  nextRun,
  runAfterWindow,
  runsBetween,
  spreadOffsetMs,
  type Timing,
} from './schedule.ts';

const berlin = 'Europe/Berlin';

function cron(expression: string, timeZone = 'UTC', more: Partial<Timing> = {}): Timing {
  return { schedule: { kind: 'cron', expression, timeZone }, spreadMinutes: 0, ...more };
}

function every(everyMinutes: number, more: Partial<Timing> = {}): Timing {
  return { schedule: { kind: 'every', everyMinutes }, spreadMinutes: 0, ...more };
}

function runs(timing: Timing, from: string, to: string): string[] {
  return runsBetween(timing, 'a', { from: new Date(from), to: new Date(to) }).map((at) =>
    at.toISOString().slice(0, 16),
  );
}

test('a time of day is that of its zone, in summer and in winter', () => {
  assert.deepEqual(runs(cron('30 2 * * *', berlin), '2026-10-24T00:00:00Z', '2026-10-27T00:00:00Z'), [
    '2026-10-24T00:30',
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ]);
});

test('a time that the clock jumps over is an hour later, one that it shows twice is the first', () => {
  assert.deepEqual(runs(cron('30 2 * * *', berlin), '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z'), [
    '2026-03-29T01:30',
    '2026-03-30T00:30',
  ]);
  assert.deepEqual(runs(cron('30 2 * * *', berlin), '2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z'), [
    '2026-10-25T00:30',
  ]);
});

test('hourly runs stay an hour apart through both changes of the clock', () => {
  for (const day of ['2026-03-29', '2026-10-25']) {
    const found = runsBetween(cron('0 * * * *', berlin), 'a', {
      from: new Date(`${day}T00:00:00Z`),
      to: new Date(`${day}T06:00:00Z`),
    });
    assert.equal(found.length, 6, day);
  }
});

test('every so often counts from the epoch, not from a start', () => {
  assert.deepEqual(runs(every(360), '2026-11-22T05:00:00Z', '2026-11-22T18:00:00Z'), [
    '2026-11-22T06:00',
    '2026-11-22T12:00',
    '2026-11-22T18:00',
  ]);
});

test('a run that is due outside of its window begins when it opens, several of them once', () => {
  const window = { start: '22:00', end: '06:00', timeZone: berlin };
  assert.deepEqual(
    runs(every(240, { window }), '2026-11-22T05:00:00Z', '2026-11-23T08:00:00Z'),
    // 08:00, 12:00, 16:00 and 20:00 wait for 22:00 in Berlin.
    ['2026-11-22T21:00', '2026-11-23T00:00', '2026-11-23T04:00'],
  );
  assert.equal(
    allowedStart(every(240, { window }), 'a', new Date('2026-11-22T12:00:00Z')).toISOString(),
    '2026-11-22T21:00:00.000Z',
  );
  const inside = new Date('2026-11-22T23:17:00Z');
  assert.equal(allowedStart(every(240, { window }), 'a', inside), inside);
});

test('what is no schedule is refused, and the message says what to write', () => {
  for (const expression of ['', '* * * *', '0 0 2 * * *', '@daily', 'H 2 * * *', '60 * * * *', '0 2 31 2 *'])
    assert.throws(
      () => assertSchedule({ kind: 'cron', expression, timeZone: 'UTC' }),
      { code: 'INPUT_SCHEDULE', message: /cron expression/ },
      expression,
    );
  assert.throws(() => assertSchedule({ kind: 'cron', expression: '0 2 * * *', timeZone: 'No/Where' }), {
    code: 'INPUT_SCHEDULE',
    message: /time zone/,
  });
  for (const everyMinutes of [0, -1, 1.5, Number.NaN, 1e9])
    assert.throws(() => assertSchedule({ kind: 'every', everyMinutes }), { code: 'INPUT_SCHEDULE' });
  for (const [start, end] of [
    ['22:00', '22:00'],
    ['24:00', '06:00'],
    ['22:00', '6:00'],
  ] as const)
    assert.throws(() => assertWindow({ start, end, timeZone: 'UTC' }), { code: 'INPUT_SCHEDULE' });
  assertSchedule({ kind: 'cron', expression: '0 2 * * THU', timeZone: berlin });
});

const instants = fc.date({
  min: new Date('2025-01-01T00:00:00Z'),
  max: new Date('2028-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const windows = fc.constantFrom(
  undefined,
  { start: '22:00', end: '06:00', timeZone: berlin },
  { start: '01:30', end: '03:00', timeZone: 'America/New_York' },
  { start: '00:00', end: '00:01', timeZone: 'UTC' },
);
const schedules = fc.oneof(
  fc.integer({ min: 1, max: 10_000 }).map((everyMinutes) => ({ kind: 'every' as const, everyMinutes })),
  fc
    .constantFrom('0 2 * * *', '30 2 * * 0', '*/20 * * * *', '15 */6 1 * *', '0 0 29 2 *')
    .map((expression) => ({ kind: 'cron' as const, expression, timeZone: berlin })),
);
const timings: fc.Arbitrary<Timing> = fc.record({
  schedule: schedules,
  window: windows,
  spreadMinutes: fc.integer({ min: 0, max: 180 }),
});

test('property: the next run is later, within its window, and no later than the latest one', () => {
  fc.assert(
    fc.property(timings, fc.uuid(), instants, (timing, id, after) => {
      const next = nextRun(timing, id, after);
      assert.ok(next > after, 'later');
      assert.ok(next <= latestNextRun(timing, after), 'not later than the latest');
      assert.equal(allowedStart(timing, id, next).getTime(), next.getTime(), 'within the window');
      assert.equal(nextRun(timing, id, after).getTime(), next.getTime(), 'the same again');
    }),
    { numRuns: 300 },
  );
});

test("property: after a window's end the next run is in a window, still to come, and never later than planned", () => {
  fc.assert(
    fc.property(timings, fc.uuid(), instants, (timing, id, now) => {
      const { window } = timing;
      fc.pre(window !== undefined && !isWindowOpen(window, now));
      const planned = nextRun(timing, id, now);
      const next = runAfterWindow(timing, id, { planned, now });
      assert.ok(next !== undefined && next > now, 'still to come');
      assert.ok(next <= planned, 'no later than it was');
      assert.ok(isWindowOpen(window, next), 'in a window');
      // What is overdue is not begun at once: the window is closed.
      const overdue = runAfterWindow(timing, id, { planned: new Date(now.getTime() - 1), now });
      assert.deepEqual(overdue, allowedStart(timing, id, now));
      assert.equal(runAfterWindow(timing, id, { planned: undefined, now }), undefined);
    }),
    { numRuns: 300 },
  );
});

test('property: without a window, what lies between two instants is the same however it is divided', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 30, max: 3000 }),
      fc.integer({ min: 0, max: 90 }),
      instants,
      fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 5000 })),
      (minutes, spreadMinutes, from, [first, second]) => {
        const timing = every(minutes, { spreadMinutes });
        const middle = new Date(from.getTime() + first * 60_000);
        const to = new Date(middle.getTime() + second * 60_000);
        assert.deepEqual(runsBetween(timing, 'a', { from, to }), [
          ...runsBetween(timing, 'a', { from, to: middle }),
          ...runsBetween(timing, 'a', { from: middle, to }),
        ]);
      },
    ),
  );
});

test('property: the spread is stable and within its minutes; many sources fill it evenly', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.integer({ min: 0, max: 1440 }), (id, minutes) => {
      const offset = spreadOffsetMs(id, minutes);
      assert.ok(offset >= 0 && offset < Math.max(1, minutes * 60_000));
      assert.equal(offset, spreadOffsetMs(id, minutes));
    }),
  );
  const quarters = [0, 0, 0, 0];
  for (let index = 0; index < 4000; index += 1) {
    const quarter = Math.floor(spreadOffsetMs(`instance-${index}`, 60) / 900_000);
    quarters[quarter] = (quarters[quarter] ?? 0) + 1;
  }
  assert.ok(
    quarters.every((count) => count > 850 && count < 1150),
    quarters.join(),
  );
});
