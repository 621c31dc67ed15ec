import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { AppError } from '../../base/errors.ts';
import { throwIfCancelled } from '../../base/retry.ts';
import type { S3Bucket } from './s3-bucket.ts';

/** Parts are held in memory until they are stored, one at a time (I11). S3 wants 5 MiB at least, and at most 10,000. */
const partBytes = 8 * 1024 * 1024;
/** Clearing up after a failure is tried less hard; `remove` and `removeFolder` find what it leaves. */
const abortAttempts = 2;
/** After a cancellation: long enough for a gateway that answers, short for who waits for one that is silent. */
const abortTimeoutMs = 5_000;

/** One PutObject. Its body stays the caller's, who must not change it before the promise resolves. */
export async function putBytes(
  bucket: S3Bucket,
  key: string,
  bytes: Buffer,
  signal?: AbortSignal,
): Promise<number> {
  const request = { Bucket: bucket.name, Key: key, Body: bytes, ContentLength: bytes.length };
  await bucket.call((client) => client.send(new PutObjectCommand(request), sending(signal)), {
    action: `write ${key}`,
    signal,
  });
  return bytes.length;
}

/**
 * An object of a stream: one PutObject when it fits into one part, else a multipart upload, which becomes visible only
 * when it is completed and is aborted when anything fails. What the stream throws is thrown on.
 */
export async function putStream(
  bucket: S3Bucket,
  key: string,
  stream: AsyncIterable<Buffer>,
  signal?: AbortSignal,
): Promise<number> {
  const upload = new MultipartUpload(bucket, key, signal);
  try {
    for await (const chunk of stream) {
      throwIfCancelled(signal);
      await upload.write(chunk);
    }
    throwIfCancelled(signal);
    return await upload.finish();
  } catch (error) {
    await upload.abort();
    throw error;
  }
}

class MultipartUpload {
  readonly #bucket: S3Bucket;
  readonly #key: string;
  readonly #signal: AbortSignal | undefined;
  readonly #action: string;
  /** One buffer for all parts: the next one is filled only after the last one is stored. */
  #part: Buffer | undefined;
  #filledBytes = 0;
  #storedBytes = 0;
  #uploadId: string | undefined;
  readonly #etags: string[] = [];

  constructor(bucket: S3Bucket, key: string, signal: AbortSignal | undefined) {
    this.#bucket = bucket;
    this.#key = key;
    this.#signal = signal;
    this.#action = `write ${key}`;
  }

  async write(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      if (this.#filledBytes === partBytes) await this.#storePart();
      this.#part ??= Buffer.allocUnsafeSlow(partBytes);
      const copied = chunk.copy(this.#part, this.#filledBytes, at);
      this.#filledBytes += copied;
      at += copied;
    }
  }

  async finish(): Promise<number> {
    if (this.#uploadId === undefined)
      return await putBytes(this.#bucket, this.#key, this.#filled(), this.#signal);
    await this.#storePart();
    await this.#complete(this.#uploadId);
    return this.#storedBytes;
  }

  async abort(): Promise<void> {
    const target = { ...this.#target(), UploadId: this.#uploadId };
    if (target.UploadId === undefined) return;
    const signal = this.#signal?.aborted === true ? AbortSignal.timeout(abortTimeoutMs) : undefined;
    await this.#bucket
      .call((client) => client.send(new AbortMultipartUploadCommand(target), sending(signal)), {
        action: `give up ${this.#key}`,
        attempts: abortAttempts,
        signal,
      })
      .catch(() => undefined);
  }

  async #storePart(): Promise<void> {
    this.#uploadId ??= await this.#begin();
    const part = {
      ...this.#target(),
      UploadId: this.#uploadId,
      PartNumber: this.#etags.length + 1,
      Body: this.#filled(),
      ContentLength: this.#filledBytes,
    };
    const { ETag } = await this.#bucket.call(
      (client) => client.send(new UploadPartCommand(part), sending(this.#signal)),
      { action: this.#action, signal: this.#signal },
    );
    this.#etags.push(requireAnswer(ETag, 'ETag of a part'));
    this.#storedBytes += this.#filledBytes;
    this.#filledBytes = 0;
  }

  async #begin(): Promise<string> {
    const { UploadId } = await this.#bucket.call(
      (client) => client.send(new CreateMultipartUploadCommand(this.#target()), sending(this.#signal)),
      { action: this.#action, signal: this.#signal },
    );
    return requireAnswer(UploadId, 'id of an upload');
  }

  /** Not to be cancelled: whether the object is there would not be known. */
  async #complete(UploadId: string): Promise<void> {
    const Parts = this.#etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
    const request = { ...this.#target(), UploadId, MultipartUpload: { Parts } };
    await this.#bucket.call(
      async (client) => {
        try {
          await client.send(new CompleteMultipartUploadCommand(request));
        } catch (error) {
          // The answer to an earlier attempt was lost, and the upload is no more because it is an object now.
          if (!(error instanceof Error) || error.name !== 'NoSuchUpload') throw error;
          const { ContentLength } = await client.send(new HeadObjectCommand(this.#target()));
          if (ContentLength !== this.#storedBytes) throw error;
        }
      },
      { action: this.#action },
    );
  }

  #target(): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket.name, Key: this.#key };
  }

  #filled(): Buffer {
    return this.#part?.subarray(0, this.#filledBytes) ?? Buffer.alloc(0);
  }
}

export function sending(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function requireAnswer(value: string | undefined, what: string): string {
  if (value !== undefined) return value;
  throw new AppError('STORE_IO', `The S3 store's answer lacks the ${what}.`);
}
