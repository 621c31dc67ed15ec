import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatDuration, formatMinute, formatRelative, withMinutes } from './format.ts';

test('bytes are in binary units with three digits', () => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.50 KiB'],
    [10 * 1024 ** 2, '10 MiB'],
    [99.96 * 1024 ** 2, '100 MiB'],
    [5.25 * 1024 ** 3, '5.25 GiB'],
    [3 * 1024 ** 6, '3072 PiB'],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
});

test('spans have their two largest units', () => {
  const cases: [number, string][] = [
    [0, '0 sec'],
    [59.6, '1 min'],
    [125, '2 min 5 sec'],
    [3600, '1 hr'],
    [3725, '1 hr 2 min'],
    [90_000, '1 day 1 hr'],
  ];
  for (const [seconds, text] of cases) assert.equal(formatDuration(seconds, 'en-US'), text);
});

test('instants are told from now, in one unit', () => {
  const now = Date.UTC(2026, 10, 27, 12);
  const cases: [number, string][] = [
    [0, 'now'],
    [-20_000, 'now'],
    [-60_000, '1 minute ago'],
    [-3 * 3_600_000, '3 hours ago'],
    [2 * 86_400_000, 'in 2 days'],
    [-86_400_000, 'yesterday'],
    [-40 * 86_400_000, 'last month'],
  ];
  for (const [differenceMs, text] of cases)
    assert.equal(formatRelative(now + differenceMs, now, 'en-GB'), text);
  assert.equal(formatRelative(now - 3 * 3_600_000, now, 'zh-CN'), '3小时前');
});

test('instants within a sentence are told as all others, whatever their digits', () => {
  const minute = formatMinute(new Date('2026-11-27T04:05:00Z'), 'en-GB');
  for (const instant of ['2026-11-27T04:05:06.789Z', '2026-11-27T04:05:06Z', '2026-11-27T04:05Z'])
    assert.equal(withMinutes(`since ${instant}, policy x`, 'en-GB'), `since ${minute}, policy x`);
  assert.equal(withMinutes('cycle 2026-11-27, T04:05Z', 'en-GB'), 'cycle 2026-11-27, T04:05Z');
});
