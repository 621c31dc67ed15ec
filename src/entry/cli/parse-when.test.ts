import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../base/errors.ts';
import { parseWhen } from './parse-when.ts';

const now = new Date('2026-11-22T12:34:56.789Z');
const end = (text: string): string => parseWhen(text, { now, day: 'end' }).toISOString();
const start = (text: string): string => parseWhen(text, { now, day: 'start' }).toISOString();

describe('times that people write', () => {
  const cases: [text: string, instant: string][] = [
    ['2026-11-22t10:00z', '2026-11-22T10:00:00.000Z'],
    ['2026-11-22T10:00:00.123456Z', '2026-11-22T10:00:00.123Z'],
    ['2026-11-22 10:00', '2026-11-22T10:00:00.000Z'],
    ['2026-11-22 10:00 UTC', '2026-11-22T10:00:00.000Z'],
    [' 2024-02-29 00:00 ', '2024-02-29T00:00:00.000Z'],
    ['now', now.toISOString()],
    ['3 hours ago', '2026-11-22T09:34:56.789Z'],
    ['an hour ago', '2026-11-22T11:34:56.789Z'],
    ['90 min ago', '2026-11-22T11:04:56.789Z'],
    ['45s ago', '2026-11-22T12:34:11.789Z'],
    ['2 Days  ago', '2026-11-20T12:34:56.789Z'],
    ['1w ago', '2026-11-15T12:34:56.789Z'],
  ];
  for (const [text, instant] of cases) {
    test(JSON.stringify(text), () => {
      assert.equal(end(text), instant);
      assert.equal(start(text), instant);
    });
  }

  const seconds: [text: string, first: string, last: string][] = [
    ['2026-11-22T10:00:00Z', '2026-11-22T10:00:00.000Z', '2026-11-22T10:00:00.999Z'],
    ['2026-11-22T10:00:00+02:00', '2026-11-22T08:00:00.000Z', '2026-11-22T08:00:00.999Z'],
    ['2026-11-22T10:00:00-0530', '2026-11-22T15:30:00.000Z', '2026-11-22T15:30:00.999Z'],
    ['2026-11-22 10:00:05', '2026-11-22T10:00:05.000Z', '2026-11-22T10:00:05.999Z'],
  ];
  for (const [text, first, last] of seconds) {
    test(`${JSON.stringify(text)} is meant from its start or to its end`, () => {
      assert.equal(start(text), first);
      assert.equal(end(text), last);
    });
  }

  test('a day is meant from its start or to its end', () => {
    assert.equal(end('2026-11-20'), '2026-11-20T23:59:59.999Z');
    assert.equal(start('2026-11-20'), '2026-11-20T00:00:00.000Z');
    assert.equal(end('yesterday'), '2026-11-21T23:59:59.999Z');
    assert.equal(start('Yesterday'), '2026-11-21T00:00:00.000Z');
    assert.equal(start('today'), '2026-11-22T00:00:00.000Z');
  });
});

describe('what is no time', () => {
  const texts = ['', ' ', 'soon', 'tomorrow', 'latest', '2026', '2026-11', '22.11.2026', '11/22/2026'];
  texts.push('2026-02-29', '2026-02-30', '2026-13-01', '2026-00-10', '2026-11-00', '2026-11-31 10:00');
  texts.push('2026-11-22 24:00', '2026-11-22 10:60', '2026-11-22 10:00:60', '2026-11-22 1:00', '10:00');
  texts.push(
    '2026-11-22T10:00:00+99:00',
    '2026-11-22 10:00 CET',
    '-3 hours ago',
    '3.5 hours ago',
    '3 years ago',
  );
  texts.push('999999999 weeks ago', '1 hour', 'ago', '2026-11-22 10:00; rm', '٣ hours ago');
  for (const text of texts) {
    test(JSON.stringify(text), () => {
      assert.throws(
        () => parseWhen(text, { now, day: 'end' }),
        (error) =>
          error instanceof AppError && error.code === 'INPUT_TIME' && error.message.includes('write "20'),
      );
    });
  }
});

const instants = fc.date({ min: new Date(0), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true });

test('every instant that is written as ISO 8601 is read as itself', () => {
  fc.assert(
    fc.property(instants, (instant) => {
      assert.equal(end(instant.toISOString()), instant.toISOString());
      assert.equal(
        end(instant.toISOString().slice(0, 19).replace('T', ' ')),
        `${instant.toISOString().slice(0, 19)}.999Z`,
      );
    }),
  );
});

test('any text is an instant or INPUT_TIME, nothing else', () => {
  const parts = fc.constantFrom(
    '20',
    '26',
    '-',
    '11',
    ':',
    ' ',
    'T',
    'Z',
    '+',
    'ago',
    'hours',
    '3',
    'yesterday',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(parts).map((words) => words.join('')),
      ),
      (text) => {
        try {
          assert.ok(!Number.isNaN(parseWhen(text, { now, day: 'start' }).getTime()));
        } catch (error) {
          assert.ok(error instanceof AppError && error.code === 'INPUT_TIME');
        }
      },
    ),
  );
});
