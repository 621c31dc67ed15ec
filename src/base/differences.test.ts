import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { differences, type Difference } from './differences.ts';

// eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
async function* listed(ids: readonly string[]): AsyncGenerator<string> {
  yield* ids;
}

test('what only one of two ascending lists has, in order', async () => {
  const ids = fc.uniqueArray(fc.stringMatching(/^[0-9a-f]{1,2}$/), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(ids, ids, async (some, others) => {
      const [left, right] = [some.toSorted(), others.toSorted()];
      const expected: Difference[] = [
        ...left.filter((id) => !right.includes(id)).map((id) => ({ id, only: 'left' as const })),
        ...right.filter((id) => !left.includes(id)).map((id) => ({ id, only: 'right' as const })),
      ].toSorted((a, b) => (a.id < b.id ? -1 : 1));
      assert.deepEqual(await Array.fromAsync(differences(listed(left), listed(right))), expected);
    }),
  );
});

test('both lists are closed when the reader stops', async () => {
  const closed: string[] = [];
  async function* endless(name: string, prefix: string): AsyncGenerator<string> {
    try {
      for (let at = 10; ; at++) yield await Promise.resolve(`${prefix}${at}`);
    } finally {
      closed.push(name);
    }
  }
  for await (const difference of differences(endless('left', 'a'), endless('right', 'b'))) {
    assert.equal(difference.only, 'left');
    break;
  }
  assert.deepEqual(closed, ['left', 'right']);
});
