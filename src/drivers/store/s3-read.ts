import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { AppError } from '../../base/errors.ts';
import { backoffDelayMs, throwIfCancelled } from '../../base/retry.ts';
import { shouldRetry } from './s3-bucket.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { s3Error } from './s3-errors.ts';
import { sending } from './s3-upload.ts';

interface Answer {
  body: Readable;
  sizeBytes: number;
  etag: string | undefined;
}

/**
 * An object that is being read. A connection that breaks in the middle is followed by a request for the rest, which
 * counts only if the object is still the same (If-Match); each piece that arrives renews the patience.
 */
export class S3Read {
  readonly #bucket: S3Bucket;
  readonly #key: string;
  readonly #signal: AbortSignal | undefined;
  #answer: Answer;
  readonly sizeBytes: number;

  private constructor(bucket: S3Bucket, key: string, answer: Answer, signal: AbortSignal | undefined) {
    this.#bucket = bucket;
    this.#key = key;
    this.#answer = answer;
    this.#signal = signal;
    this.sizeBytes = answer.sizeBytes;
  }

  /** To be read or closed. Throws STORE_OBJECT_MISSING when there is none, CANCELLED_* when `signal` was aborted. */
  static async start(bucket: S3Bucket, key: string, signal?: AbortSignal): Promise<S3Read> {
    return new S3Read(bucket, key, await ask(bucket, key, { signal }), signal);
  }

  close(): void {
    this.#answer.body.destroy();
  }

  async *chunks(): AsyncGenerator<Buffer, void, undefined> {
    const signal = this.#signal;
    const stop = (): void => this.close();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) stop();
    try {
      yield* this.#chunks();
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  async *#chunks(): AsyncGenerator<Buffer, void, undefined> {
    let at = 0;
    for (let failures = 0; ;) {
      try {
        for await (const chunk of this.#answer.body as AsyncIterable<Buffer>) {
          at += chunk.length;
          failures = 0;
          yield chunk;
        }
        if (at === this.sizeBytes) return;
        throw Object.assign(new Error('the answer ended early'), { code: 'ECONNRESET' });
      } catch (error) {
        if (at === this.sizeBytes) return;
        throwIfCancelled(this.#signal);
        await this.#pause(error, (failures += 1));
      }
      const { etag } = this.#answer;
      this.#answer = await ask(this.#bucket, this.#key, { from: { at, etag }, signal: this.#signal });
    }
  }

  async #pause(error: unknown, failures: number): Promise<void> {
    const { patience, place, sleep } = this.#bucket;
    const failure = s3Error(error, place, `read ${this.#key}`);
    if (failures >= patience.attempts || shouldRetry(failure, failures) === false) throw failure;
    await sleep(backoffDelayMs(failures, patience, Math.random), this.#signal);
  }
}

async function ask(
  bucket: S3Bucket,
  key: string,
  { from, signal }: { from?: { at: number; etag: string | undefined }; signal: AbortSignal | undefined },
): Promise<Answer> {
  const rest = from === undefined ? {} : { Range: `bytes=${from.at}-`, IfMatch: from.etag };
  const request = { Bucket: bucket.name, Key: key, ...rest };
  const answer: GetObjectCommandOutput = await bucket.call(
    (client) => client.send(new GetObjectCommand(request), sending(signal)),
    { action: `read ${key}`, signal },
  );
  const { Body, ContentLength, ETag } = answer;
  if (Body instanceof Readable && ContentLength !== undefined)
    return { body: Body, sizeBytes: ContentLength, etag: ETag };
  throw new AppError('STORE_IO', `The S3 store's answer lacks the length of ${key}.`);
}
