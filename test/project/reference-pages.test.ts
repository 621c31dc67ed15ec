import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { referencePages } from '../support/reference/reference-pages.ts';

test('the pages of docs/reference that are made from the program say what it does today', async () => {
  const pages = Object.entries(await referencePages());
  assert.ok(pages.length >= 5);
  const stale = pages.filter(([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text);
  const paths = stale.map(([path]) => path);
  assert.deepEqual(paths, [], `out of date: ${paths.join(', ')}; run npm run docs`);
});
