import { cancelled } from '../../base/retry.ts';

const ignore = (): void => undefined;

/**
 * Iterates `stream` in pieces of at most `maxBytes`; an aborted signal ends even a wait for a chunk that never comes.
 * On any early end the stream's iterator is closed, which for a child's stdout ends the child.
 */
export async function* piecesOf(
  stream: AsyncIterable<Buffer>,
  maxBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  const iterator = stream[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await nextOrAbort(iterator, signal);
      if (next.done === true) {
        ended = true;
        return;
      }
      const chunk = next.value;
      for (let at = 0; at < chunk.length; at += maxBytes) yield chunk.subarray(at, at + maxBytes);
    }
  } finally {
    // Not awaited: a generator that is stuck in next() answers return() only after it.
    if (!ended) void iterator.return?.().then(ignore, ignore);
  }
}

/** A promise, or the signal's error when that comes first. */
export async function orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(cancelled(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort))
      .catch(ignore);
  });
}

function nextOrAbort(
  iterator: AsyncIterator<Buffer>,
  signal: AbortSignal | undefined,
): Promise<IteratorResult<Buffer, unknown>> {
  return orAbort(iterator.next(), signal);
}
