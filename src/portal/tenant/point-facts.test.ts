import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Point } from '../api/types.ts';
import { fractionOf, pointOf, targetName } from './job-target.ts';
import { pointAge } from './point-age.ts';
import { verdictOf } from './point-verdict.ts';
import { cycleWords, retentionWords, scheduleWords } from './policy-words.ts';

const point: Point = {
  id: 'p',
  kind: 'instance',
  source_id: 'i',
  source_name: 'web-01',
  project_id: 'x',
  taken_at: '2026-11-27T10:00:00Z',
  state: 'complete',
  type: 'full',
  consistency: 'crash',
  disks: 1,
  size_bytes: 1,
  stored_bytes: 1,
  store: 'default',
  last_verified: null,
  last_proven: null,
};

describe('verdictOf', () => {
  const verified = { at: '2026-11-27T11:00:00Z', level: 'full', outcome: 'intact' } as const;
  const cases: [string, Partial<Point>, ReturnType<typeof verdictOf>][] = [
    ['nobody has looked', {}, 'unverified'],
    ['read and intact', { last_verified: verified }, 'verified'],
    ['restored and compared', { last_verified: verified, last_proven: verified.at }, 'proven'],
    ['damage goes before any proof', { state: 'damaged', last_proven: verified.at }, 'damaged'],
    [
      'found damaged',
      { last_verified: { ...verified, outcome: 'damaged' }, last_proven: verified.at },
      'damaged',
    ],
  ];
  for (const [name, changes, verdict] of cases)
    test(name, () => assert.equal(verdictOf({ ...point, ...changes }), verdict));
});

test('the age of a point is told against when it is too old', () => {
  const at = (hour: number): number => Date.UTC(2026, 10, 27, hour);
  const age = (now: number) => pointAge('2026-11-27T10:00:00Z', '2026-11-27T20:00:00Z', now);
  assert.deepEqual(age(at(15)), { used: 0.5, ageMs: 5 * 3_600_000, leftMs: 5 * 3_600_000 });
  assert.equal(age(at(22)).leftMs, -2 * 3_600_000);
  assert.equal(age(at(9)).used, 0);
});

describe('jobs', () => {
  test('are named by what people call their target', () => {
    assert.equal(targetName({ target: { kind: 'instance', id: 'i', name: 'web-01' } }), 'web-01');
    assert.equal(targetName({ target: { point_id: 'p', source_name: 'web-01', name: 'new' } }), 'web-01');
    assert.equal(targetName({ target: { kind: 'image', pool: 'vms', image: 'x' } }), 'vms/x');
    assert.equal(targetName({ target: {} }), '');
  });

  test('lead to the point that they made, before the one that they were asked for', () => {
    assert.equal(pointOf({ target: {}, result: { point_id: 'made' } }), 'made');
    assert.equal(pointOf({ target: { point_id: 'asked' }, result: null }), 'asked');
    assert.equal(pointOf({ target: {}, result: null }), undefined);
  });

  test('have a fraction only when the total is known', () => {
    assert.equal(fractionOf({ bytes_done: 5, bytes_total: 10 }), 0.5);
    assert.equal(fractionOf({ bytes_done: 15, bytes_total: 10 }), 1);
    assert.equal(fractionOf({ bytes_done: 5, bytes_total: null }), undefined);
    assert.equal(fractionOf({ bytes_done: 0, bytes_total: 0 }), undefined);
    assert.equal(fractionOf(null), undefined);
  });
});

describe('policies in words', () => {
  test('schedules', () => {
    const words = (schedule: Parameters<typeof scheduleWords>[0]): unknown =>
      scheduleWords(schedule, 'en-GB');
    assert.deepEqual(words({ every: '6h' }), { key: 'schedule.hours', params: { count: 6 } });
    assert.deepEqual(words({ cron: '5 2 * * *', time_zone: 'Asia/Shanghai' }), {
      key: 'schedule.daily',
      params: { time: '02:05', zone: 'Asia/Shanghai' },
    });
    assert.deepEqual(words({ cron: '30 22 * * 0,5-6' }), {
      key: 'schedule.weekly',
      params: { days: 'Friday, Saturday and Sunday', time: '22:30', zone: 'UTC' },
    });
    assert.deepEqual(words({ cron: '0 4 1 * *' }), {
      key: 'schedule.monthly',
      params: { day: 1, time: '04:00', zone: 'UTC' },
    });
    assert.deepEqual(words({ cron: '15 * * * *' }), { key: 'schedule.hourly', params: { minute: '15' } });
    for (const cron of ['0 */6 * * *', '0 2 1 * 1', '0 2 * 6 *', '*/5 * * * *', '0 2 * * MON', '0 2 * * 5-1'])
      assert.deepEqual(words({ cron }), { key: 'schedule.cron', params: { cron, zone: 'UTC' } });
  });

  test('cycles', () => {
    assert.equal(cycleWords(null).key, 'cycle.default');
    assert.equal(cycleWords({ forever: true }).key, 'cycle.forever');
    assert.deepEqual(cycleWords({ increments: 14, days: 3 }), {
      key: 'cycle.both',
      params: { increments: 14, days: 3 },
    });
    assert.deepEqual(cycleWords({ days: 0 }), { key: 'cycle.days', params: { count: 0 } });
  });

  test('retention', () => {
    assert.deepEqual(retentionWords(null), [{ key: 'retention.all', params: {} }]);
    assert.deepEqual(retentionWords({ keep: { last: 3, daily: 7 }, strategy: 'fold' }), [
      { key: 'keep.last', params: { count: 3 } },
      { key: 'keep.daily', params: { count: 7 } },
    ]);
    assert.deepEqual(retentionWords({ cycles: 2 }), [{ key: 'retention.cycles', params: { count: 2 } }]);
  });
});
