/** Which objects of an image are compared with the store after a backup. Pure: the same link always gives the same ones. */

/** A part of an image, bytes. */
export interface Extent {
  offset: number;
  length: number;
}

export interface SampleOptions {
  objectSizeBytes: number;
  /** At most so many objects. */
  count: number;
  /** From 0 to 1, 1 excluded. */
  random: () => number;
}

/**
 * Numbers of objects in which `candidates` have extents and `touched` has none, each such object as likely as any other.
 * Both must ascend. Memory does not depend on their number (I11).
 */
export async function sampleObjects(
  candidates: AsyncIterable<Extent>,
  touched: AsyncIterable<Extent>,
  { objectSizeBytes, count, random }: SampleOptions,
): Promise<number[]> {
  const chosen: number[] = [];
  const blocked = objectsOf(touched, objectSizeBytes);
  try {
    let block = await blocked.next();
    let seen = 0;
    for await (const object of objectsOf(candidates, objectSizeBytes)) {
      while (block.done !== true && block.value < object) block = await blocked.next();
      if (block.done !== true && block.value === object) continue;
      // Reservoir sampling: the n-th one replaces one of the chosen with a chance of count to n.
      const at = seen < count ? seen : Math.floor(random() * (seen + 1));
      if (at < count) chosen[at] = object;
      seen += 1;
    }
  } finally {
    await blocked.return(undefined);
  }
  return chosen;
}

/** Each object once, ascending. */
async function* objectsOf(
  extents: AsyncIterable<Extent>,
  objectSizeBytes: number,
): AsyncGenerator<number, void, undefined> {
  let next = 0;
  for await (const { offset, length } of extents) {
    const last = Math.floor((offset + length - 1) / objectSizeBytes);
    for (next = Math.max(next, Math.floor(offset / objectSizeBytes)); next <= last; next++) yield next;
  }
}

/** Objects anywhere in the image, also where nothing was ever written, as extents for `sampleObjects`. */
export function anyObjects(sizeBytes: number, { objectSizeBytes, count, random }: SampleOptions): Extent[] {
  const objects = Math.ceil(sizeBytes / objectSizeBytes);
  const numbers = Array.from({ length: Math.min(count, objects) }, () => Math.floor(random() * objects));
  return [...new Set(numbers)]
    .toSorted((a, b) => a - b)
    .map((number) => ({ offset: number * objectSizeBytes, length: 1 }));
}

/** Always the same numbers for an id (mulberry32): an attempt that is resumed compares the same objects. */
export function createRandom(id: string): () => number {
  let state = Number.parseInt(id.replaceAll('-', '').slice(-8), 16) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
