import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanBytes } from '../../base/bytes.ts';
import { oneLine, printable } from './human.ts';

test('sizes have three digits and binary units', () => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.50 KiB'],
    [10 * 1024 ** 2 + 1, '10 MiB'],
    [117.7 * 1024 ** 2, '118 MiB'],
    [4 * 1024 ** 3, '4 GiB'],
    [3.14159 * 1024 ** 4, '3.14 TiB'],
    [5000 * 1024 ** 5, '5000 PiB'],
  ];
  for (const [bytes, text] of cases) assert.equal(humanBytes(bytes), text);
});

test('what steers a terminal or turns text around is shown as an escape', () => {
  assert.equal(printable('a\u001b[31mb\u009bc\u202ed\ne'), 'a\\u001b[31mb\\u009bc\\u202ed\ne');
  assert.equal(oneLine('a\nb\r'), 'a\\nb\\u000d');
  assert.equal(printable('żółć 日本 🙂'), 'żółć 日本 🙂');
});
