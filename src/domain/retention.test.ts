import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { applyRetention, newestComplete, type RetainedPoint, type RetentionRules } from './retention.ts';

const now = new Date('2026-11-22T12:00:00Z');
const dayMs = 86_400_000;

const point = fc.record({
  id: fc.uuid(),
  takenAt: fc
    .integer({ min: 0, max: 900 * 24 * 60 })
    .map((minutes) => new Date(now.getTime() - minutes * 60_000)),
  state: fc.constantFrom<RetainedPoint['state']>('complete', 'complete', 'complete', 'damaged'),
});
const points = fc.uniqueArray(point, { selector: ({ id }) => id, maxLength: 60 });
const number = fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined });
const rules: fc.Arbitrary<RetentionRules> = fc.record({
  keepLast: number,
  keepHourly: number,
  keepDaily: number,
  keepWeekly: number,
  keepMonthly: number,
  keepYearly: number,
  keepWithinDays: number,
});

function kept(all: readonly RetainedPoint[], wanted: RetentionRules, at = now): Set<string> {
  const verdicts = applyRetention(all, wanted, at);
  return new Set(verdicts.filter(({ reasons }) => reasons.length > 0).map(({ id }) => id));
}

describe('retention', () => {
  test('gives every point one verdict, newest first', () => {
    fc.assert(
      fc.property(points, rules, (all, wanted) => {
        const verdicts = applyRetention(all, wanted, now);
        assert.deepEqual(verdicts.map(({ id }) => id).sort(), all.map(({ id }) => id).sort());
        const times = verdicts.map(({ id }) => all.find((each) => each.id === id)?.takenAt.getTime() ?? 0);
        assert.deepEqual(
          times,
          times.toSorted((one, other) => other - one),
        );
      }),
    );
  });

  test('never lets the newest complete point go', () => {
    fc.assert(
      fc.property(points, rules, (all, wanted) => {
        const newest = newestComplete(all);
        assert.ok(newest === undefined || kept(all, wanted).has(newest.id));
      }),
    );
  });

  test('is idempotent: what it kept it keeps', () => {
    fc.assert(
      fc.property(points, rules, (all, wanted) => {
        const first = kept(all, wanted);
        const left = all.filter(({ id }) => first.has(id));
        assert.deepEqual(kept(left, wanted), first);
      }),
    );
  });

  test('is monotone: a greater number never lets go of more', () => {
    const name = fc.constantFrom<keyof RetentionRules>(
      'keepLast',
      'keepHourly',
      'keepDaily',
      'keepWeekly',
      'keepMonthly',
      'keepYearly',
      'keepWithinDays',
    );
    fc.assert(
      fc.property(points, rules, name, fc.integer({ min: 1, max: 5 }), (all, wanted, rule, more) => {
        const stricter = kept(all, wanted);
        const wider = kept(all, { ...wanted, [rule]: (wanted[rule] ?? 0) + more });
        assert.ok([...stricter].every((id) => wider.has(id)));
      }),
    );
  });

  test('a damaged point takes no place of a complete one', () => {
    fc.assert(
      fc.property(points, rules, (all, wanted) => {
        const complete = all.filter(({ state }) => state === 'complete');
        const whole = kept(all, wanted);
        assert.deepEqual(
          kept(complete, wanted),
          new Set(complete.map(({ id }) => id).filter((id) => whole.has(id))),
        );
      }),
    );
  });

  test('does not depend on the order of the points', () => {
    fc.assert(
      fc.property(points, rules, (all, wanted) => {
        assert.deepEqual(applyRetention(all.toReversed(), wanted, now), applyRetention(all, wanted, now));
      }),
    );
  });
});

/** Points by their times; ids are the times. */
function at(...times: string[]): RetainedPoint[] {
  return times.map((time) => ({ id: time, takenAt: new Date(`${time}Z`), state: 'complete' }));
}

test('says which rule keeps a point', () => {
  const all = at(
    '2026-11-22T10:00',
    '2026-11-22T09:00',
    '2026-11-21T10:00',
    '2025-12-31T10:00',
    '2024-12-30T10:00',
  );
  const verdicts = applyRetention(
    all,
    {
      keepLast: 2,
      keepDaily: 2,
      keepWeekly: 2,
      keepMonthly: 2,
      keepYearly: 2,
      keepHourly: 1,
      keepWithinDays: 1,
    },
    now,
  );
  assert.deepEqual(verdicts, [
    {
      id: '2026-11-22T10:00',
      reasons: [
        'newest',
        'last',
        'hourly 2026-11-22T10',
        'daily 2026-11-22',
        'weekly 2026-W47',
        'monthly 2026-11',
        'yearly 2026',
        'within 1 day',
      ],
    },
    { id: '2026-11-22T09:00', reasons: ['last', 'within 1 day'] },
    { id: '2026-11-21T10:00', reasons: ['daily 2026-11-21'] },
    { id: '2025-12-31T10:00', reasons: ['weekly 2026-W01', 'monthly 2025-12', 'yearly 2025'] },
    { id: '2024-12-30T10:00', reasons: [] },
  ]);
});

test('a damaged point stays while nothing newer is complete', () => {
  const [newer, older, oldest] = at('2026-11-22T10:00', '2026-11-21T10:00', '2026-11-20T10:00') as [
    RetainedPoint,
    RetainedPoint,
    RetainedPoint,
  ];
  const damaged = { state: 'damaged' } as const;
  const verdicts = applyRetention(
    [{ ...newer, ...damaged }, older, { ...oldest, ...damaged }],
    { keepLast: 9 },
    now,
  );
  assert.deepEqual(
    verdicts.map(({ reasons }) => reasons),
    [['nothing newer is complete'], ['newest', 'last'], []],
  );
});

test('weeks are those of ISO 8601', () => {
  // Known from the calendar: 1 January 2021 was a Friday, 29 December 2025 a Monday.
  for (const [day, week] of [
    ['2021-01-03', '2020-W53'],
    ['2021-01-04', '2021-W01'],
    ['2025-12-28', '2025-W52'],
    ['2025-12-29', '2026-W01'],
    ['1969-12-29', '1970-W01'],
  ] as const) {
    const [verdict] = applyRetention(at(`${day}T12:00`), { keepWeekly: 1 }, new Date(now.getTime() + dayMs));
    assert.deepEqual(verdict?.reasons, ['newest', `weekly ${week}`]);
  }
});
