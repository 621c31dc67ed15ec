/** An object as a listing shows it. */
export interface StoredObject {
  key: string;
  sizeBytes: number;
}

/** What is below a folder, all together. */
export interface FolderUsage {
  sizeBytes: number;
  /** When anything in it was last written; undefined when there is nothing. */
  changedAt: Date | undefined;
}

/**
 * Where bytes live: a directory, NFS, S3. Knows nothing of links and points. Every implementation passes
 * test/contract/store-contract.ts.
 *
 * Keys are relative paths of one or more names joined by `/`; a name consists of `A-Z a-z 0-9 . _ -`, does not begin
 * with `.` and does not end with `.part` (see `assertKey`). No key is a folder of another.
 *
 * Failures are AppErrors: STORE_NO_PERMISSION, STORE_FULL, STORE_UNREACHABLE (retryable), STORE_IO,
 * STORE_OBJECT_MISSING, over a network also those of s3-errors.ts; CANCELLED_* when `signal` was aborted. What the
 * caller's own iterable throws is thrown on.
 */
export interface ObjectStore {
  /** What an administrator calls it, for messages: `directory /srv/backups`. Holds no secret (I10). */
  readonly description: string;

  /**
   * Stores an object, replacing one of the same key. It *must* become visible whole or not at all, *must* be durable
   * (survive a power cut) when the promise resolves (I1), and *must not* be visible when the promise rejects, unless
   * an older one of that key was (where an answer is lost on a network, this cannot be known). It *must* hold at most
   * a few MiB of an iterable body in memory (I11). Returns the bytes stored.
   */
  put(key: string, body: ObjectBody, options?: ObjectCallOptions): Promise<number>;

  /**
   * The whole object; undefined when there is none. *Must* reject with STORE_OBJECT_TOO_LARGE, before reading it,
   * when it has more than `maxBytes`.
   */
  get(key: string, maxBytes: number, options?: ObjectCallOptions): Promise<Buffer | undefined>;

  /** The object in chunks of at most a few MiB; *must* throw STORE_OBJECT_MISSING when there is none. */
  open(key: string, options?: ObjectCallOptions): AsyncIterable<Buffer>;

  /**
   * The bytes of one object under another key as well, replacing one of that key; they do not pass through this process
   * where the store can do it. Objects never change once written (a put of the same key makes a new one), so that the
   * two *may* share their bytes, and what damages one then damages both; each *must* stay readable when the other is
   * removed or replaced. Durable and visible whole when the promise resolves, as with `put`. *Must* reject with
   * STORE_OBJECT_MISSING when there is no `from`.
   */
  copy(from: string, to: string, options?: ObjectCallOptions): Promise<void>;

  stat(key: string, options?: ObjectCallOptions): Promise<StoredObject | undefined>;

  /** Every object whose key begins with `prefix`, in ascending byte order of the keys. *Must not* show unfinished puts. */
  list(prefix: string, options?: ObjectCallOptions): AsyncIterable<StoredObject>;

  /** The distinct names that follow `folder/` and are followed by another `/`, ascending: what is in a folder. */
  folders(folder: string): AsyncIterable<string>;

  /** Size and age of what is in a folder; *may* count what puts that never finished left there. */
  usage(folder: string): Promise<FolderUsage>;

  /**
   * Removes one object and what puts of it that never finished left; *must* resolve when there is none. The removal
   * *must* be durable when the promise resolves.
   */
  remove(key: string, options?: ObjectCallOptions): Promise<void>;

  /** Removes every object under `folder/` and what puts that never finished left there; resolves when there is none. */
  removeFolder(folder: string, options?: ObjectCallOptions): Promise<void>;
}

/** One piece, several in memory, or a stream of unknown length. */
export type ObjectBody = Buffer | readonly Buffer[] | AsyncIterable<Buffer>;

/** A call that takes a signal *must* end soon after it is aborted, also when whoever keeps the bytes is silent. */
export interface ObjectCallOptions {
  signal?: AbortSignal | undefined;
}
