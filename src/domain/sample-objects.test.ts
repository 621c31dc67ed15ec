import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { newId } from '../base/ids.ts';
import { anyObjects, createRandom, sampleObjects, type Extent } from './sample-objects.ts';

const objectSizeBytes = 16;

const extents: fc.Arbitrary<Extent[]> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 60 })), { maxLength: 12 })
  .map((steps) => {
    let end = 0;
    return steps.map(([gap, length]) => {
      const offset = end + gap;
      end = offset + length;
      return { offset, length };
    });
  });

// eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
async function* stream(list: Extent[]): AsyncGenerator<Extent> {
  yield* list;
}

function objectsIn(list: Extent[]): Set<number> {
  const objects = new Set<number>();
  for (const { offset, length } of list)
    for (let at = offset; at < offset + length; at++) objects.add(Math.floor(at / objectSizeBytes));
  return objects;
}

describe('sampleObjects', () => {
  it('chooses different ones of the untouched candidates, as many as there are up to the count', async () => {
    await fc.assert(
      fc.asyncProperty(
        extents,
        extents,
        fc.integer({ min: 0, max: 6 }),
        async (candidates, touched, count) => {
          const options = { objectSizeBytes, count, random: createRandom(newId()) };
          const chosen = await sampleObjects(stream(candidates), stream(touched), options);
          const touchedObjects = objectsIn(touched);
          const wanted = [...objectsIn(candidates)].filter((object) => !touchedObjects.has(object));
          assert.equal(chosen.length, Math.min(count, wanted.length));
          assert.equal(new Set(chosen).size, chosen.length);
          for (const object of chosen) assert.ok(wanted.includes(object));
        },
      ),
    );
  });

  it('gives every candidate a chance', async () => {
    const hits = new Map<number, number>();
    for (let round = 0; round < 400; round++) {
      const options = { objectSizeBytes, count: 2, random: createRandom(newId()) };
      const candidates = stream([{ offset: 0, length: objectSizeBytes * 8 }]);
      for (const object of await sampleObjects(candidates, stream([]), options))
        hits.set(object, (hits.get(object) ?? 0) + 1);
    }
    assert.equal(hits.size, 8);
  });

  it('is the same for the same link', async () => {
    const id = newId();
    const choose = (): Promise<number[]> =>
      sampleObjects(stream([{ offset: 0, length: 4096 }]), stream([]), {
        objectSizeBytes,
        count: 5,
        random: createRandom(id),
      });
    assert.deepEqual(await choose(), await choose());
  });

  it('finds objects anywhere in an image, its last part included', () => {
    const options = { objectSizeBytes, count: 50, random: createRandom(newId()) };
    const offsets = anyObjects(objectSizeBytes * 2 + 1, options).map(({ offset }) => offset);
    const all = new Set([0, objectSizeBytes, 2 * objectSizeBytes]);
    assert.ok(offsets.length > 0 && offsets.every((offset) => all.has(offset)));
    assert.deepEqual(
      offsets,
      [...new Set(offsets)].toSorted((a, b) => a - b),
    );
    assert.deepEqual(anyObjects(0, options), []);
  });
});
