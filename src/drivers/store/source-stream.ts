import { watchAbort } from '../../base/abort-watch.ts';

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
  const watch = watchAbort(signal);
  let ended = false;
  try {
    for (;;) {
      const next = await watch.or(iterator.next());
      if (next.done === true) {
        ended = true;
        return;
      }
      const chunk = next.value;
      for (let at = 0; at < chunk.length; at += maxBytes) yield chunk.subarray(at, at + maxBytes);
    }
  } finally {
    watch.end();
    // Not awaited: a generator that is stuck in next() answers return() only after it.
    if (!ended) void iterator.return?.().then(ignore, ignore);
  }
}
