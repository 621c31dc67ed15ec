export interface Difference {
  id: string;
  /** The only list that has it. */
  only: 'left' | 'right';
}

/**
 * What only one of two lists has. Both *must* be ascending by code units, as UUIDs are in PostgreSQL, in directories and in
 * S3, and without doubles; memory does not depend on their length (I11).
 */
export async function* differences(
  left: AsyncIterable<string>,
  right: AsyncIterable<string>,
): AsyncGenerator<Difference, void, undefined> {
  const lefts = left[Symbol.asyncIterator]();
  const rights = right[Symbol.asyncIterator]();
  try {
    let one = await lefts.next();
    let other = await rights.next();
    while (one.done !== true || other.done !== true) {
      const only = sideOfSmaller(one, other);
      if (only === 'left' && one.done !== true) yield { id: one.value, only };
      if (only === 'right' && other.done !== true) yield { id: other.value, only };
      if (only !== 'right') one = await lefts.next();
      if (only !== 'left') other = await rights.next();
    }
  } finally {
    await lefts.return?.();
    await rights.return?.();
  }
}

/** undefined when both have it. */
function sideOfSmaller(
  one: IteratorResult<string>,
  other: IteratorResult<string>,
): Difference['only'] | undefined {
  if (one.done === true) return 'right';
  if (other.done === true || one.value < other.value) return 'left';
  return one.value === other.value ? undefined : 'right';
}
