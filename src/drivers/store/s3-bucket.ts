import { createHash } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { AppError } from '../../base/errors.ts';
import { cancelled, retry, sleep } from '../../base/retry.ts';
import type { Backoff, Sleep } from '../../base/retry.ts';
import { s3Error } from './s3-errors.ts';
import type { S3Place } from './s3-errors.ts';
import { readConfigured, s3Credentials, usualSection } from './s3-settings.ts';
import type { S3Settings } from './s3-settings.ts';

const connectTimeoutMs = 10_000;
/** Without a byte in either direction; a gateway whose OSDs recover may take its time. */
const idleTimeoutMs = 60_000;
const maxSockets = 32;
const longestWaitMs = 60_000;
const mostTimeouts = 3;
/** Waits 26 s in all at most: a gateway that is restarted comes back, and one that is gone does not hold a job for long. */
const defaultPatience: Backoff = { attempts: 8, firstDelayMs: 250, maxDelayMs: 10_000 };

export interface S3BucketOptions {
  patience?: Backoff | undefined;
  sleep?: Sleep | undefined;
}

export interface CallOptions {
  /** For messages: `write links/...`. */
  action: string;
  signal?: AbortSignal | undefined;
  /** Calls in all; as patient as the bucket unless told. */
  attempts?: number;
}

/**
 * One bucket and the client that speaks to it. Every call goes through `call`, which repeats what lost connections,
 * timeouts, 429 and 5xx ended, and makes AppErrors of the SDK's. The SDK's own retries are off: they span about a
 * second, less than the restart of a gateway, and cannot be told from outside how to wait.
 */
export class S3Bucket {
  readonly name: string;
  readonly place: S3Place;
  readonly patience: Backoff;
  readonly sleep: Sleep;
  readonly #client: S3Client;
  readonly #agents: (HttpAgent | HttpsAgent)[];

  constructor(settings: S3Settings, options: S3BucketOptions = {}) {
    const { bucket, endpoint, region, pathStyle, caFile, section = usualSection } = settings;
    this.name = bucket;
    this.place = { bucket, endpoint: endpoint ?? 'Amazon S3', section };
    this.patience = options.patience ?? defaultPatience;
    this.sleep = options.sleep ?? sleep;
    const ca = caFile === undefined ? {} : { ca: readConfigured(caFile, `${section}.ca_file`) };
    const httpAgent = new HttpAgent({ keepAlive: true, maxSockets });
    const httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets, ...ca });
    this.#agents = [httpAgent, httpsAgent];
    const credentials = s3Credentials(settings);
    this.#client = new S3Client({
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
      ...(credentials === undefined ? {} : { credentials }),
      forcePathStyle: pathStyle,
      maxAttempts: 1,
      // Since 3.729 the SDK adds CRC32 trailers, which other stores than Amazon's refuse. Nothing is lost: the
      // signature covers the SHA-256 of every body, and what is read is checked against our own hashes.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // With it the SDK opens a connection of its own for every large body.
      expectContinueHeader: false,
      requestHandler: {
        httpAgent,
        httpsAgent,
        connectionTimeout: connectTimeoutMs,
        socketTimeout: idleTimeoutMs,
      },
    });
    sendMd5WithDeletions(this.#client);
  }

  /** `send` is called again after failures that may pass. Throws STORE_*; CANCELLED_* when `signal` was aborted. */
  async call<T>(send: (client: S3Client) => Promise<T>, options: CallOptions): Promise<T> {
    const { action, signal, attempts = this.patience.attempts } = options;
    return await retry(
      async () => {
        try {
          return await send(this.#client);
        } catch (error) {
          if (signal?.aborted === true) throw cancelled(signal);
          throw s3Error(error, this.place, action);
        }
      },
      { ...this.patience, attempts, sleep: this.sleep, signal, shouldRetry },
    );
  }

  /**
   * Whether the bucket is there and may be listed, by a request whose refusal says why: answers to HEAD have no body.
   * Throws STORE_*.
   */
  async probe(options: CallOptions): Promise<void> {
    await this.call(
      (client) =>
        client.send(
          new ListObjectsV2Command({ Bucket: this.name, MaxKeys: 1 }),
          options.signal === undefined ? {} : { abortSignal: options.signal },
        ),
      options,
    );
  }

  close(): void {
    this.#client.destroy();
    for (const agent of this.#agents) agent.destroy();
  }
}

/** A clock that is wrong is tried once more: the SDK has learned the difference from the answer. */
export function shouldRetry(error: unknown, attempt: number): boolean | number {
  if (!(error instanceof AppError)) return false;
  if (error.code === 'STORE_CLOCK_SKEW') return attempt === 1;
  const { retryAfterMs, reason } = error.details;
  // A gateway that takes requests and never answers would hold a job for as many minutes.
  if (reason === 'TimeoutError' && attempt >= mostTimeouts) return false;
  if (error.retryable && typeof retryAfterMs === 'number') return Math.min(retryAfterMs, longestWaitMs);
  return error.retryable;
}

/**
 * DeleteObjects must carry a checksum; the SDK sends a CRC32, which older gateways do not know, where all of them know
 * Content-MD5 (Amazon's "DeleteObjects" reference; aws-sdk-js-v3 issue 6819).
 */
function sendMd5WithDeletions(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const request = args.request as { headers: Record<string, string>; body: unknown };
      if (context.commandName === DeleteObjectsCommand.name && typeof request.body === 'string') {
        for (const header of Object.keys(request.headers))
          if (/^x-amz-(sdk-)?checksum-/i.test(header)) Reflect.deleteProperty(request.headers, header);
        request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64');
      }
      return await next(args);
    },
    { step: 'build', priority: 'low', name: 'md5WithDeletions' },
  );
}
