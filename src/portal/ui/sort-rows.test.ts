import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextSorting, parseSort, sortRows, sortText, type SortKey } from './sort-rows.ts';

const sorted = (keys: SortKey[], descending = false): SortKey[] =>
  sortRows(keys, (key) => key, { descending, tag: 'en-GB' });

test('names are sorted as people count, numbers as numbers', () => {
  assert.deepEqual(sorted(['web-10', 'Web-2', 'db']), ['db', 'Web-2', 'web-10']);
  assert.deepEqual(sorted([10, 9, 100]), [9, 10, 100]);
});

test('what has no key comes last, whichever the direction', () => {
  assert.deepEqual(sorted([undefined, 2, 1]), [1, 2, undefined]);
  assert.deepEqual(sorted([1, undefined, 2], true), [2, 1, undefined]);
});

test('equal rows keep their order', () => {
  const rows = [
    { id: 1, state: 'b' },
    { id: 2, state: 'a' },
    { id: 3, state: 'b' },
  ];
  const ids = sortRows(rows, ({ state }) => state, { descending: true, tag: 'en-GB' }).map(({ id }) => id);
  assert.deepEqual(ids, [1, 3, 2]);
});

test('a head is clicked up, down, and back to the order of the service', () => {
  const first = nextSorting(undefined, 'name');
  assert.deepEqual(first, { column: 'name', descending: false });
  const second = nextSorting(first, 'name');
  assert.deepEqual(second, { column: 'name', descending: true });
  assert.equal(nextSorting(second, 'name'), undefined);
  assert.deepEqual(nextSorting(second, 'size'), { column: 'size', descending: false });
});

test('a sorting of the API is kept in the page’s address, and nothing else is one', () => {
  for (const text of ['name:asc', 'created_at:desc']) assert.equal(sortText(parseSort(text)), text);
  assert.deepEqual(parseSort('created_at:desc'), { column: 'created_at', descending: true });
  for (const text of ['', 'name', 'name:up', 'a b:asc']) assert.equal(parseSort(text), undefined);
  assert.equal(sortText(undefined), '');
});
