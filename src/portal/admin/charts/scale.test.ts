import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linePoints, niceMax, place, shares } from './scale.ts';

test('the axis ends at a round figure that holds every value', () => {
  assert.deepEqual(
    [0, 1, 3, 7, 70, 101].map((value) => niceMax(value, 10)),
    [1, 1, 5, 10, 100, 200],
  );
  assert.equal(niceMax(3 * 2 ** 30, 1024), 4 * 2 ** 30);
  assert.equal(niceMax(600 * 2 ** 20, 1024), 2 ** 30);
});

test('values are placed between the ends, and one value alone at the first', () => {
  assert.equal(place(5, [0, 10], 100, 200), 150);
  assert.equal(place(5, [5, 5], 100, 200), 100);
  const frame = { left: 0, top: 0, width: 100, height: 50 };
  const line = [
    { x: 0, y: 0 },
    { x: 10, y: 4 },
  ];
  assert.equal(linePoints(line, { xs: [0, 10], max: 4, frame }), '0.0,50.0 100.0,0.0');
});

test('parts of a bar fill it, and a small part stays visible', () => {
  const parts = shares([
    ['protected', 999],
    ['stale', 0],
    ['unprotected', 1],
  ]);
  assert.deepEqual(
    parts.map(({ key }) => key),
    ['protected', 'unprotected'],
  );
  const last = parts.at(-1);
  assert.ok(last !== undefined && last.width > 1.4);
  assert.ok(Math.abs(last.from + last.width - 100) < 1e-9);
  assert.deepEqual(shares([['none', 0]]), []);
});
