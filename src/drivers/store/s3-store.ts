import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { AppError } from '../../base/errors.ts';
import { releaseMemory } from '../../base/memory.ts';
import { throwIfCancelled } from '../../base/retry.ts';
import { assertKey } from './keys.ts';
import type {
  FolderUsage,
  ObjectBody,
  ObjectCallOptions,
  ObjectStore,
  StoredObject,
} from './object-store.ts';
import { S3Bucket } from './s3-bucket.ts';
import type { S3BucketOptions } from './s3-bucket.ts';
import { s3Error } from './s3-errors.ts';
import { S3Read } from './s3-read.ts';
import { s3Url } from './s3-settings.ts';
import type { S3Settings } from './s3-settings.ts';
import { putBytes, putStream, sending } from './s3-upload.ts';

/** CopyObject takes no more (Amazon's API reference, "CopyObject"). */
const maxCopyBytes = 5 * 1024 ** 3;
/** DeleteObjects takes no more; the longest page of a listing too. */
const pageLength = 1000;
const openAttempts = 3;

/**
 * A store in a bucket of Ceph's gateway, MinIO, Amazon S3 or whatever else speaks S3.
 *
 * S3 makes an object visible whole or not at all, answers a put only when it is durable, and shows every read and
 * listing what was answered before: "Amazon S3 data consistency model" in its user guide; Ceph's gateway writes the
 * object's head last and settles what is pending in the bucket's index when it is listed (RGWRados::check_disk_state).
 * Buckets of Amazon's class Express One Zone do not: they list in no order.
 *
 * When the answer to a put is lost for good, whether the object is there is not known, although the put rejects. That
 * does no harm: an object counts only when a manifest names it, and a failed write is followed by a removal.
 */
export class S3Store implements ObjectStore {
  readonly description: string;
  readonly #bucket: S3Bucket;
  /** Empty, or ends with a slash. */
  readonly #root: string;

  private constructor(bucket: S3Bucket, settings: S3Settings) {
    this.#bucket = bucket;
    this.#root = settings.prefix === '' ? '' : `${settings.prefix}/`;
    this.description = `${s3Url(settings)} at ${bucket.place.endpoint}`;
  }

  /** Throws STORE_* when the bucket cannot be listed with these settings, INPUT_CONFIG for files that are not there. */
  static async open(settings: S3Settings, options: S3BucketOptions = {}): Promise<S3Store> {
    const bucket = new S3Bucket(settings, options);
    try {
      await bucket.probe({ action: `open ${s3Url(settings)}`, attempts: openAttempts });
    } catch (error) {
      bucket.close();
      throw error;
    }
    return new S3Store(bucket, settings);
  }

  close(): void {
    this.#bucket.close();
  }

  async put(key: string, body: ObjectBody, { signal }: ObjectCallOptions = {}): Promise<number> {
    const target = this.#keyOf(key);
    throwIfCancelled(signal);
    if (Buffer.isBuffer(body)) return await putBytes(this.#bucket, target, body, signal);
    if (Symbol.asyncIterator in body) return await putStream(this.#bucket, target, body, signal);
    const pieces = body.filter(({ length }) => length > 0);
    const [only] = pieces;
    if (only !== undefined && pieces.length === 1) return await putBytes(this.#bucket, target, only, signal);
    // In one piece, since only that can be signed and sent again.
    const joined = Buffer.concat(pieces);
    const bytes = await putBytes(this.#bucket, target, joined, signal);
    releaseMemory(joined);
    return bytes;
  }

  async get(key: string, maxBytes: number, options?: ObjectCallOptions): Promise<Buffer | undefined> {
    const read = await this.#start(key, options);
    if (read === undefined) return undefined;
    const { sizeBytes } = read;
    if (sizeBytes > maxBytes) {
      read.close();
      throw new AppError(
        'STORE_OBJECT_TOO_LARGE',
        `${this.#keyOf(key)} has ${sizeBytes} bytes, expected at most ${maxBytes}.`,
      );
    }
    const bytes = Buffer.allocUnsafeSlow(sizeBytes);
    let at = 0;
    for await (const chunk of read.chunks()) at += chunk.copy(bytes, at);
    return bytes;
  }

  async *open(key: string, options?: ObjectCallOptions): AsyncGenerator<Buffer, void, undefined> {
    const read = await this.#start(key, options);
    if (read === undefined) throw this.#missing(key);
    yield* read.chunks();
  }

  async copy(from: string, to: string, { signal }: ObjectCallOptions = {}): Promise<void> {
    const target = this.#keyOf(to);
    const source = await this.stat(from, { signal });
    if (source === undefined) throw this.#missing(from);
    if (from === to) return; // S3 refuses it.
    if (source.sizeBytes > maxCopyBytes) {
      await this.put(to, this.open(from, { signal }), { signal });
      return;
    }
    const CopySource = encodeURI(`${this.#bucket.name}/${this.#keyOf(from)}`);
    await this.#bucket.call(
      (client) =>
        client.send(new CopyObjectCommand({ ...this.#in(), Key: target, CopySource }), sending(signal)),
      { action: `copy ${this.#keyOf(from)} to ${target}`, signal },
    );
  }

  async stat(key: string, { signal }: ObjectCallOptions = {}): Promise<StoredObject | undefined> {
    const target = this.#keyOf(key);
    const action = `look at ${target}`;
    const { place } = this.#bucket;
    const found = await this.#bucket.call(
      async (client) => {
        try {
          return await client.send(new HeadObjectCommand({ ...this.#in(), Key: target }), sending(signal));
        } catch (error) {
          const { status } = s3Error(error, place, action).details;
          if (status === 404) return undefined;
          if (status === 403) await this.#bucket.probe({ action, attempts: 1, signal });
          throw error;
        }
      },
      { action, signal },
    );
    // A bucket that is gone must not look like an object that is (I8): a chain would be called damaged.
    if (found === undefined) await this.#bucket.probe({ action, signal });
    return found === undefined ? undefined : { key, sizeBytes: found.ContentLength ?? 0 };
  }

  async *list(
    prefix: string,
    { signal }: ObjectCallOptions = {},
  ): AsyncGenerator<StoredObject, void, undefined> {
    for await (const { Contents = [] } of this.#pages(prefix, { signal })) {
      for (const { Key = '', Size = 0 } of Contents) {
        // Some consoles make empty objects of such names to show a folder.
        if (!Key.endsWith('/')) yield { key: Key.slice(this.#root.length), sizeBytes: Size };
      }
    }
  }

  async *folders(folder: string): AsyncGenerator<string, void, undefined> {
    assertKey(folder);
    const above = this.#root.length + folder.length + 1;
    for await (const { CommonPrefixes = [] } of this.#pages(`${folder}/`, { Delimiter: '/' }))
      for (const { Prefix = '' } of CommonPrefixes) yield Prefix.slice(above, -1);
  }

  async usage(folder: string): Promise<FolderUsage> {
    assertKey(folder);
    let sizeBytes = 0;
    let changedAt: Date | undefined;
    for await (const { Contents = [] } of this.#pages(`${folder}/`)) {
      for (const { Size = 0, LastModified } of Contents) {
        sizeBytes += Size;
        if (LastModified !== undefined && (changedAt === undefined || LastModified > changedAt))
          changedAt = LastModified;
      }
    }
    return { sizeBytes, changedAt };
  }

  async remove(key: string, { signal }: ObjectCallOptions = {}): Promise<void> {
    const target = this.#keyOf(key);
    await this.#bucket.call(
      (client) => client.send(new DeleteObjectCommand({ ...this.#in(), Key: target }), sending(signal)),
      { action: `remove ${target}`, signal },
    );
    await this.#abortUploads(target, (name) => name === target, signal);
  }

  async removeFolder(folder: string, { signal }: ObjectCallOptions = {}): Promise<void> {
    const prefix = `${this.#keyOf(folder)}/`;
    // Before the objects: an upload that is completed meanwhile is then among them.
    await this.#abortUploads(prefix, () => true, signal);
    for await (const { Contents = [] } of this.#pages(`${folder}/`, { signal }))
      await this.#removeAll(
        Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key])),
        signal,
      );
  }

  async #removeAll(keys: string[], signal: AbortSignal | undefined): Promise<void> {
    const [first] = keys;
    if (first === undefined) return;
    const action = `remove ${keys.length} objects from ${first} on`;
    const request = { ...this.#in(), Delete: { Quiet: true, Objects: keys.map((Key) => ({ Key })) } };
    await this.#bucket.call(
      async (client) => {
        const { Errors: [refused] = [] } = await client.send(
          new DeleteObjectsCommand(request),
          sending(signal),
        );
        if (refused !== undefined)
          throw Object.assign(new Error(refused.Message ?? ''), {
            name: refused.Code,
            $metadata: { httpStatusCode: 200 },
          });
      },
      { action, signal },
    );
  }

  /**
   * What writers left that were killed. MinIO lists only the uploads of a whole key, not those below a folder, and
   * ends old ones by itself; where a gateway does not know the request, there is nothing that could be done.
   */
  async #abortUploads(
    prefix: string,
    isMeant: (key: string) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const action = `look for unfinished uploads of ${prefix}`;
    let after: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
    for (;;) {
      const request = { ...this.#in(), Prefix: prefix, ...after };
      const page = await this.#bucket.call(
        (client) => client.send(new ListMultipartUploadsCommand(request), sending(signal)),
        { action, signal },
      );
      for (const { Key = '', UploadId } of page.Uploads ?? []) {
        if (UploadId !== undefined && isMeant(Key)) await this.#abortUpload(Key, UploadId, signal);
      }
      if (page.IsTruncated !== true) return;
      after = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
  }

  async #abortUpload(Key: string, UploadId: string, signal: AbortSignal | undefined): Promise<void> {
    await this.#bucket.call(
      async (client) => {
        await client
          .send(new AbortMultipartUploadCommand({ ...this.#in(), Key, UploadId }), sending(signal))
          .catch((error: unknown) => {
            if (!(error instanceof Error) || error.name !== 'NoSuchUpload') throw error;
          });
      },
      { action: `remove the unfinished upload of ${Key}`, signal },
    );
  }

  async *#pages(
    prefix: string,
    { Delimiter, signal }: { Delimiter?: string; signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<ListObjectsV2CommandOutput> {
    const Prefix = `${this.#root}${prefix}`;
    let token: string | undefined;
    do {
      const request = {
        ...this.#in(),
        Prefix,
        MaxKeys: pageLength,
        ...(Delimiter === undefined ? {} : { Delimiter }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      };
      const page: ListObjectsV2CommandOutput = await this.#bucket.call(
        (client) => client.send(new ListObjectsV2Command(request), sending(signal)),
        { action: `list ${Prefix}`, signal },
      );
      yield page;
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async #start(key: string, { signal }: ObjectCallOptions = {}): Promise<S3Read | undefined> {
    try {
      return await S3Read.start(this.#bucket, this.#keyOf(key), signal);
    } catch (error) {
      if (error instanceof AppError && error.code === 'STORE_OBJECT_MISSING') return undefined;
      throw error;
    }
  }

  #missing(key: string): AppError {
    return new AppError('STORE_OBJECT_MISSING', `${this.#keyOf(key)} does not exist in ${this.description}.`);
  }

  #keyOf(key: string): string {
    assertKey(key);
    return `${this.#root}${key}`;
  }

  #in(): { Bucket: string } {
    return { Bucket: this.#bucket.name };
  }
}
