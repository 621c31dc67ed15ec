import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Page, PageRequest } from '../page.ts';
import { filteredPage, orderedPage } from './ordered-page.ts';

interface Item {
  id: string;
  size: number | undefined;
}

/** A source that gives at most three at a time, by id. */
function source(items: readonly Item[]): (request: PageRequest) => Promise<Page<Item>> {
  const sorted = items.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return ({ limit, marker }) => {
    const from = sorted.findIndex(({ id }) => id === marker) + 1;
    const page = sorted.slice(from, from + Math.min(limit, 3));
    const hasMore = from + page.length < sorted.length;
    return Promise.resolve({ items: page, nextMarker: hasMore ? page.at(-1)?.id : undefined });
  };
}

const someItems = fc.uniqueArray(
  fc.record({ id: fc.uuid(), size: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }) }),
  { selector: ({ id }) => id, maxLength: 30 },
);

test('pages put together are the whole list in its order, each item once, what has no key last', async () => {
  const directions = fc.constantFrom('asc' as const, 'desc' as const);
  await fc.assert(
    fc.asyncProperty(
      someItems,
      fc.integer({ min: 1, max: 7 }),
      directions,
      async (items, limit, direction) => {
        const order = { keyOf: ({ size }: Item) => size, direction };
        const seen: Item[] = [];
        for (let after: Item | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
          const page = await orderedPage(source(items), { order, limit, after });
          assert.ok(page.items.length <= limit);
          seen.push(...page.items);
          after = page.nextMarker === undefined ? undefined : page.items.at(-1);
        }
        assert.deepEqual(new Set(seen.map(({ id }) => id)), new Set(items.map(({ id }) => id)));
        assert.equal(seen.length, items.length);
        const keys = seen.map(({ size }) => size);
        const known = keys.filter((key) => key !== undefined);
        assert.deepEqual(keys.slice(0, known.length), known, 'undefined comes last');
        const sorted = known.toSorted((a, b) => (direction === 'asc' ? a - b : b - a));
        assert.deepEqual(known, sorted);
      },
    ),
  );
});

test('a filtered list gives what is wanted, page by page, and stops at its end', async () => {
  await fc.assert(
    fc.asyncProperty(someItems, fc.integer({ min: 1, max: 7 }), async (items, limit) => {
      const isWanted = ({ size }: Item): boolean => size === 1;
      const seen: string[] = [];
      for (let marker: string | undefined, isFirst = true; isFirst || marker !== undefined; isFirst = false) {
        const page = await filteredPage(source(items), { limit, marker }, isWanted);
        seen.push(...page.items.map(({ id }) => id));
        marker = page.nextMarker;
      }
      const wanted = items.filter(isWanted).map(({ id }) => id);
      assert.deepEqual(seen, wanted.toSorted());
    }),
  );
});
