import type { Clock } from './clock.ts';
import { sleep } from './retry.ts';
import type { Sleep } from './retry.ts';
import { TokenBucket } from './token-bucket.ts';

/** So much passes at once: large chunks would come in bursts, with long pauses between them. */
const sliceBytes = 1024 * 1024;
const burstSeconds = 0.25;

export interface PaceOptions {
  bytesPerSecond: number;
  clock: Clock;
  sleep?: Sleep;
}

/** One bandwidth that any number of streams share. Holds nothing back: what waits is the reading of the next chunk. */
export class Pace {
  readonly #bucket: TokenBucket;
  readonly #clock: Clock;
  readonly #sleep: Sleep;

  constructor({ bytesPerSecond, clock, sleep: wait = sleep }: PaceOptions) {
    const burst = Math.max(sliceBytes, bytesPerSecond * burstSeconds);
    this.#bucket = new TokenBucket({ perSecond: bytesPerSecond, burst });
    this.#clock = clock;
    this.#sleep = wait;
  }

  /** The stream's bytes, when it is their time; a chunk stays valid as long as the stream's own would. */
  async *pass(
    stream: AsyncIterable<Buffer>,
    signal?: AbortSignal,
  ): AsyncGenerator<Buffer, undefined, undefined> {
    for await (const chunk of stream) {
      for (let at = 0; at < chunk.length; at += sliceBytes) {
        const slice = chunk.subarray(at, at + sliceBytes);
        const delayMs = this.#bucket.take(slice.length, this.#clock.now().getTime());
        if (delayMs > 0) await this.#sleep(delayMs, signal);
        yield slice;
      }
    }
  }
}
