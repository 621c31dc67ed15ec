import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageOfWhole, type WholeListRequest } from './whole-list.ts';

const rows = [
  { id: 'a', name: 'web', size: 2 },
  { id: 'b', name: 'db', size: undefined },
  { id: 'c', name: 'mail', size: 1 },
  { id: 'd', name: 'dns', size: 2 },
];
const list = {
  idOf: ({ id }: (typeof rows)[number]) => id,
  keys: {
    name: ({ name }: (typeof rows)[number]) => name,
    size: ({ size }: (typeof rows)[number]) => size,
  },
};

function pageAs(request: Partial<WholeListRequest>): { ids: string; next: string | undefined } {
  const { items, nextMarker } = pageOfWhole(rows, { limit: undefined, marker: undefined, ...request }, list);
  return { ids: items.map(({ id }) => id).join(''), next: nextMarker };
}

test('everything is one page unless a limit is given', () => {
  assert.deepEqual(pageAs({}), { ids: 'abcd', next: undefined });
  assert.deepEqual(pageAs({ limit: 4 }), { ids: 'abcd', next: undefined });
  assert.deepEqual(pageAs({ limit: 3 }), { ids: 'abc', next: 'c' });
  assert.deepEqual(pageAs({ limit: 3, marker: 'c' }), { ids: 'd', next: undefined });
  assert.deepEqual(pageAs({ limit: 3, marker: 'd' }), { ids: '', next: undefined });
});

test('pages follow the order; equal ones stay as they are, and what has no value comes last either way', () => {
  const by = (direction: 'asc' | 'desc') => ({ by: 'size', direction });
  assert.equal(pageAs({ sort: by('asc') }).ids, 'cadb');
  assert.equal(pageAs({ sort: by('desc') }).ids, 'adcb');
  assert.deepEqual(pageAs({ sort: by('desc'), limit: 2, marker: 'd' }), { ids: 'cb', next: undefined });
  assert.equal(pageAs({ sort: { by: 'name', direction: 'asc' } }).ids, 'bdca');
});

test('a marker that is not of the list, and an order that it does not have, are refused', () => {
  assert.throws(() => pageAs({ marker: 'z' }), { code: 'INPUT_MARKER_UNKNOWN' });
  for (const by of ['id', 'constructor'])
    assert.throws(() => pageAs({ sort: { by, direction: 'asc' } }), { code: 'INPUT_SORT' });
});
