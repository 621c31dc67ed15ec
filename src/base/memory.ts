/** Below this the collector does well by itself, and pools share their memory between buffers. */
const leastBytes = 16 * 1024;
/** What a buffer may leave unused at its end and still count as the only one in its memory. */
const slackBytes = 1024;

/**
 * Gives a buffer's memory back at once instead of at the next collection, which does not hurry for memory outside its
 * heap: garbage of a few seconds of data is more than all that is in use (I11). The buffer is empty then. One that
 * shares its memory with others is left alone. *Must* not be called while a write or a compression still uses it.
 */
export function releaseMemory(bytes: Buffer): void {
  const { buffer } = bytes;
  if (!(buffer instanceof ArrayBuffer) || buffer.detached) return;
  const isAlone = bytes.byteOffset === 0 && buffer.byteLength - bytes.length <= slackBytes;
  if (isAlone && bytes.length >= leastBytes) buffer.transfer(0);
}

/** Passes chunks on, each of which is gone as soon as the next one is asked for. */
export async function* releasingChunks(
  stream: AsyncIterable<Buffer>,
  onChunk?: (bytes: number) => void,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of stream) {
    onChunk?.(chunk.length);
    yield chunk;
    releaseMemory(chunk);
  }
}
