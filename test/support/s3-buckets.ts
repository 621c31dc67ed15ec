/** Buckets of the development cloud's own S3 gateway, looked at and broken from outside. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  ListMultipartUploadsCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3BucketOptions } from '../../src/drivers/store/s3-bucket.ts';
import type { S3Settings } from '../../src/drivers/store/s3-settings.ts';
import { S3Store } from '../../src/drivers/store/s3-store.ts';
import { devcloud, devcloudFile } from './devcloud.ts';

const run = promisify(execFile);

export interface S3Cloud {
  endpoint: string;
  accessKey: string;
  secretKey: string;
  region: string;
}

export function s3Cloud(): S3Cloud {
  return (JSON.parse(readFileSync(devcloudFile('env.json'), 'utf8')) as { s3: S3Cloud }).s3;
}

/** For faults: as often as the real one, without its pauses. */
export const impatient: S3BucketOptions = {
  patience: { attempts: 4, firstDelayMs: 1, maxDelayMs: 1 },
};

let made = 0;

/** A bucket for one test. */
export class ScratchBucket {
  readonly settings: S3Settings;
  readonly #client: S3Client;

  private constructor(settings: S3Settings) {
    const { endpoint = '', accessKeyId = '', secretAccessKey = '', region = '' } = settings;
    this.settings = settings;
    this.#client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
  }

  static async make(prefix = ''): Promise<ScratchBucket> {
    const { endpoint, accessKey, secretKey, region } = s3Cloud();
    const bucket = new ScratchBucket({
      bucket: `ek-test-${process.pid}-${Date.now()}-${(made += 1)}`,
      prefix,
      endpoint,
      region,
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      secretAccessKeyFile: undefined,
      pathStyle: true,
      caFile: undefined,
    });
    await bucket.#client.send(new CreateBucketCommand({ Bucket: bucket.name }));
    return bucket;
  }

  get name(): string {
    return this.settings.bucket;
  }

  open(changes: Partial<S3Settings> = {}, options: S3BucketOptions = impatient): Promise<S3Store> {
    return S3Store.open({ ...this.settings, ...changes }, options);
  }

  /** Begins an upload of a key of the bucket and leaves it, as a killed writer does. */
  async leaveUpload(Key: string): Promise<void> {
    const target = { Bucket: this.name, Key };
    const { UploadId } = await this.#client.send(new CreateMultipartUploadCommand(target));
    await this.#client.send(
      new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: Buffer.alloc(1000) }),
    );
  }

  /** Keys of uploads that were neither completed nor aborted, ascending. */
  async uploads(): Promise<string[]> {
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand({ Bucket: this.name }));
    return Uploads.map(({ Key = '' }) => Key).toSorted();
  }

  async setQuota(maxBytes: number): Promise<void> {
    const scope = ['--quota-scope=bucket', `--bucket=${this.name}`];
    await radosgwAdmin('quota', 'set', ...scope, `--max-size=${maxBytes}`);
    await radosgwAdmin('quota', 'enable', ...scope);
  }

  async removeBucket(): Promise<void> {
    await this.#client.send(new DeleteBucketCommand({ Bucket: this.name }));
  }

  /** With all that is in it; nothing when the test removed it. */
  async remove(): Promise<void> {
    try {
      const store = await this.open({ prefix: '' });
      for await (const { key } of store.list('')) await store.remove(key);
      store.close();
      await this.removeBucket();
    } catch (error) {
      if ((error as { code?: string }).code !== 'STORE_NO_BUCKET') throw error;
    } finally {
      this.#client.destroy();
    }
  }
}

/** Gives a test a bucket and removes it afterwards. */
export async function withBucket(body: (bucket: ScratchBucket) => Promise<void>, prefix = ''): Promise<void> {
  const bucket = await ScratchBucket.make(prefix);
  try {
    await body(bucket);
  } finally {
    await bucket.remove();
  }
}

export async function radosgwAdmin(...args: string[]): Promise<void> {
  const { cephConf, keyring } = devcloud();
  await run('radosgw-admin', ['--conf', cephConf, '--keyring', keyring, ...args]);
}
