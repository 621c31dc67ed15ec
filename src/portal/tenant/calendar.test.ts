import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  addMonths,
  calendarOf,
  dayKey,
  dayRange,
  monthKey,
  monthRange,
  parseDay,
  parseMonth,
} from './calendar.ts';

const local = (year: number, month: number, day: number, hour = 12): { taken_at: string } => ({
  taken_at: new Date(year, month - 1, day, hour).toISOString(),
});

describe('months', () => {
  test('are written as 2026-11, and nothing else is one', () => {
    assert.deepEqual(parseMonth('2026-11'), { year: 2026, month: 11 });
    for (const text of ['', '2026-13', '2026-00', '2026-1', '2026-11-01', 'x2026-11'])
      assert.equal(parseMonth(text), undefined, text);
  });

  test('go on over the year', () => {
    assert.equal(monthKey(addMonths({ year: 2026, month: 12 }, 1)), '2027-01');
    assert.equal(monthKey(addMonths({ year: 2026, month: 1 }, -1)), '2025-12');
  });

  test('begin at midnight here and end where the next one begins', () => {
    const { since, before } = monthRange({ year: 2026, month: 11 });
    assert.equal(dayKey(since), '2026-11-01');
    assert.equal(since.getHours(), 0);
    assert.deepEqual(before, monthRange({ year: 2026, month: 12 }).since);
  });
});

describe('calendarOf', () => {
  test('has whole weeks from Monday', () => {
    // The 1st of November 2026 is a Sunday, so its week has nothing before it.
    const weeks = calendarOf({ year: 2026, month: 11 }, []);
    assert.deepEqual(
      weeks.map((week) => week.length),
      [7, 7, 7, 7, 7, 7],
    );
    assert.deepEqual(
      weeks[0]!.map((day) => day?.day),
      [undefined, undefined, undefined, undefined, undefined, undefined, 1],
    );
    assert.deepEqual(weeks.flat().filter((day) => day !== undefined).length, 30);
  });

  test('a February that fills four weeks has four', () => {
    assert.equal(calendarOf({ year: 2027, month: 2 }, []).length, 4);
    assert.equal(
      calendarOf({ year: 2028, month: 2 }, [])
        .flat()
        .filter((day) => day !== undefined).length,
      29,
    );
  });

  test('puts each point on its day here, also just before midnight', () => {
    const points = [
      local(2026, 11, 27, 23),
      local(2026, 11, 27, 0),
      local(2026, 11, 28),
      local(2026, 10, 31),
    ];
    const days = calendarOf({ year: 2026, month: 11 }, points).flat();
    const counts = Object.fromEntries(
      days.flatMap((day) =>
        day === undefined || day.points.length === 0 ? [] : [[day.key, day.points.length]],
      ),
    );
    assert.deepEqual(counts, { '2026-11-27': 2, '2026-11-28': 1 });
  });
});

test('a day is from its first instant to the first one of the next, in the browser’s own zone', () => {
  const { since, before } = dayRange('2026-10-31');
  assert.deepEqual([since, before], [new Date(2026, 9, 31), new Date(2026, 10, 1)]);
});

test('a day of the address is one of the month, or none', () => {
  const month = { year: 2026, month: 2 };
  assert.equal(parseDay('2026-02-28', month), '2026-02-28');
  for (const text of ['2026-02-30', '2026-03-01', '2026-02', '2026-02-2', '']) {
    assert.equal(parseDay(text, month), undefined, text);
  }
});
