import { test } from 'node:test';
test('a', async () => { await new Promise((r) => setTimeout(r, 1000)); });
test('b', () => { throw new Error('x'); });
