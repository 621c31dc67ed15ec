import type { Writable } from 'node:stream';
import { throwIfCancelled } from '../../base/retry.ts';

/** Writes chunks of which each is valid only until the next one is asked for. */
export async function writeStream(
  stream: AsyncIterable<Buffer>,
  target: Writable,
  signal: AbortSignal,
): Promise<void> {
  for await (const chunk of stream) {
    throwIfCancelled(signal);
    await new Promise<void>((resolve, reject) => {
      target.write(chunk, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(error);
      });
    });
  }
}
