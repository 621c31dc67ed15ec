import { link, mkdir, open, readdir, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '../../base/errors.ts';
import { throwIfCancelled } from '../../base/retry.ts';
import {
  identityOf,
  openIfThere,
  partOf,
  partPattern,
  partSuffix,
  syncFolder,
  undefinedIfMissing,
  writeAll,
} from './file-calls.ts';
import { filesystemError, systemCode, unreachableError } from './filesystem-errors.ts';
import { assertKey, markerKey } from './keys.ts';
import { usageOf } from './file-usage.ts';
import type {
  FolderUsage,
  ObjectBody,
  ObjectCallOptions,
  ObjectStore,
  StoredObject,
} from './object-store.ts';

const fileMode = 0o600;
const folderMode = 0o700;
const readChunkBytes = 1024 * 1024;
/** What a fresh file system or a filer puts into its root. */
const foreignRootNames = ['lost+found', '.snapshot'];
/** File systems without hard links, a limit of links to one file (65,000 on ext4), a folder that is another mount. */
const linkRefusals = ['EPERM', 'EMLINK', 'EXDEV', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * A store in a directory of a local file system or NFS. An object is a file: written under another name ending in
 * `.part`, flushed, renamed, and the directory flushed, so that it is there whole or not at all (I1).
 */
export class FilesystemStore implements ObjectStore {
  readonly description: string;
  readonly #root: string;
  /** Device and inode of the root: an unmounted file system leaves an empty directory of the same name behind. */
  #identity: string;

  private constructor(root: string, identity: string) {
    this.#root = root;
    this.#identity = identity;
    this.description = `directory ${root}`;
  }

  /** Throws STORE_UNREACHABLE when `root` is not an existing directory: a typing error must not make a new store. */
  static async open(root: string): Promise<FilesystemStore> {
    const path = resolve(root);
    return new FilesystemStore(path, await identityOf(path));
  }

  async put(key: string, body: ObjectBody, options: ObjectCallOptions = {}): Promise<number> {
    assertKey(key);
    const path = join(this.#root, key);
    const part = partOf(path);
    await this.#assertMounted(`write ${path}`);
    const handle = await this.#guard(`write ${path}`, () =>
      this.#inFolderOf(part, () => open(part, 'wx', fileMode)),
    );
    let bytes = 0;
    try {
      try {
        for await (const chunk of Buffer.isBuffer(body) ? [body] : body) {
          throwIfCancelled(options.signal);
          await this.#guard(`write ${path}`, () => writeAll(handle, chunk));
          bytes += chunk.length;
        }
        await this.#guard(`flush ${path}`, () => handle.sync());
      } finally {
        await this.#guard(`close ${path}`, () => handle.close());
      }
      throwIfCancelled(options.signal);
      await this.#guard(`rename ${part}`, () => rename(part, path));
    } catch (error) {
      await rm(part, { force: true }).catch(() => undefined);
      throw error;
    }
    await this.#guard(`flush ${dirname(path)}`, () => syncFolder(dirname(path)));
    return bytes;
  }

  async get(key: string, maxBytes: number, { signal }: ObjectCallOptions = {}): Promise<Buffer | undefined> {
    assertKey(key);
    throwIfCancelled(signal);
    const path = join(this.#root, key);
    return await this.#guard(`read ${path}`, async () => {
      const handle = await openIfThere(path);
      if (handle === undefined) return undefined;
      try {
        const { size } = await handle.stat();
        if (size > maxBytes) {
          throw new AppError(
            'STORE_OBJECT_TOO_LARGE',
            `${path} has ${size} bytes, expected at most ${maxBytes}.`,
          );
        }
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    });
  }

  async *open(key: string, { signal }: ObjectCallOptions = {}): AsyncGenerator<Buffer, void, undefined> {
    assertKey(key);
    const path = join(this.#root, key);
    const handle = await this.#guard(`read ${path}`, () => openIfThere(path));
    if (handle === undefined) throw this.#missing(key);
    try {
      const { size } = await this.#guard(`read ${path}`, () => handle.stat());
      // No larger than what is there: the indexes of a long chain are open at the same time (I11).
      for (let at = 0; at < size;) {
        throwIfCancelled(signal);
        const chunk = Buffer.allocUnsafe(Math.min(readChunkBytes, size - at));
        const { bytesRead } = await this.#guard(`read ${path}`, () => handle.read(chunk, 0, chunk.length));
        if (bytesRead === 0) return;
        at += bytesRead;
        yield chunk.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }

  /** A hard link; where the file system has none, the bytes are copied. */
  async copy(from: string, to: string, options: ObjectCallOptions = {}): Promise<void> {
    assertKey(to);
    throwIfCancelled(options.signal);
    if ((await this.stat(from)) === undefined) throw this.#missing(from);
    if (from === to) return;
    const [source, path] = [join(this.#root, from), join(this.#root, to)];
    const part = partOf(path);
    await this.#assertMounted(`write ${path}`);
    try {
      await this.#inFolderOf(part, () => link(source, part));
      await rename(part, path);
      await syncFolder(dirname(path));
    } catch (error) {
      if (!linkRefusals.includes(systemCode(error) ?? '')) {
        if ((await this.stat(from)) === undefined) throw this.#missing(from);
        throw filesystemError(error, this.#root, `copy ${source} to ${path}`);
      }
      await this.put(to, this.open(from, options), options);
    } finally {
      // Also after success: a rename onto a link of the same file changes nothing and leaves both (rename(2)).
      await rm(part, { force: true }).catch(() => undefined);
    }
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    assertKey(key);
    const path = join(this.#root, key);
    const found = await this.#guard(`look at ${path}`, () => stat(path).catch(undefinedIfMissing));
    return found?.isFile() === true ? { key, sizeBytes: found.size } : undefined;
  }

  async *list(
    prefix: string,
    { signal }: ObjectCallOptions = {},
  ): AsyncGenerator<StoredObject, void, undefined> {
    await this.#assertMounted(`list ${this.#root}`);
    for await (const object of this.#listFolder(prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix)) {
      throwIfCancelled(signal);
      yield object;
    }
  }

  async *folders(folder: string): AsyncGenerator<string, void, undefined> {
    assertKey(folder);
    await this.#assertMounted(`list ${this.#root}`);
    for (const { name, isFolder } of await this.#entries(`${folder}/`)) if (isFolder) yield name;
  }

  async usage(folder: string): Promise<FolderUsage> {
    assertKey(folder);
    await this.#assertMounted(`look at ${folder}`);
    const path = join(this.#root, folder);
    return await this.#guard(`look at ${path}`, () => usageOf(path));
  }

  async remove(key: string): Promise<void> {
    assertKey(key);
    const path = join(this.#root, key);
    await this.#assertMounted(`remove ${path}`);
    await this.#guard(`remove ${path}`, async () => {
      await unlink(path).catch(undefinedIfMissing);
      await this.#removeParts(path);
      // Durable before the caller goes on: a manifest must not come back after a crash when what it names is gone.
      await syncFolder(dirname(path)).catch(undefinedIfMissing);
      await this.#removeEmptyFolders(dirname(path));
    });
  }

  async removeFolder(folder: string): Promise<void> {
    assertKey(folder);
    const path = join(this.#root, folder);
    await this.#assertMounted(`remove ${path}`);
    await this.#guard(`remove ${path}`, async () => {
      await rm(path, { recursive: true, force: true });
      await this.#removeEmptyFolders(dirname(path));
    });
  }

  #missing(key: string): AppError {
    return new AppError('STORE_OBJECT_MISSING', `${join(this.#root, key)} does not exist.`);
  }

  /** Makes a new entry; makes the folders above it, again when a concurrent remove takes an empty one away. */
  async #inFolderOf<T>(path: string, make: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await make();
      } catch (error) {
        if (systemCode(error) !== 'ENOENT' || attempt > 5) throw error;
      }
      await this.#makeFolder(dirname(path));
    }
  }

  /** Like mkdir -p, but each new entry is flushed to its parent, and the root itself is never made. */
  async #makeFolder(path: string): Promise<void> {
    if (path === this.#root) throw unreachableError(this.#root, 'write');
    try {
      await mkdir(path, folderMode);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return;
      if (systemCode(error) !== 'ENOENT') throw error;
      await this.#makeFolder(dirname(path));
      await this.#makeFolder(path);
      return;
    }
    await syncFolder(dirname(path));
  }

  /** What puts of this object left that were killed. */
  async #removeParts(path: string): Promise<void> {
    const folder = dirname(path);
    for (const name of (await readdir(folder).catch(undefinedIfMissing)) ?? []) {
      const isPart =
        name.startsWith(`${basename(path)}.`) && partPattern.test(name.slice(basename(path).length));
      if (isPart) await rm(join(folder, name), { force: true });
    }
  }

  async #removeEmptyFolders(from: string): Promise<void> {
    for (let path = from; path !== this.#root; path = dirname(path)) {
      try {
        await rmdir(path);
      } catch (error) {
        if (systemCode(error) === 'ENOENT') continue;
        return;
      }
    }
  }

  async *#listFolder(folder: string, prefix: string): AsyncGenerator<StoredObject, void, undefined> {
    for (const { name, isFolder } of await this.#entries(folder)) {
      const key = `${folder}${name}`;
      if (isFolder) {
        if (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`))
          yield* this.#listFolder(`${key}/`, prefix);
      } else if (key.startsWith(prefix)) {
        const found = await this.#guard(`look at ${key}`, () =>
          stat(join(this.#root, key)).catch(undefinedIfMissing),
        );
        if (found !== undefined) yield { key, sizeBytes: found.size };
      }
    }
  }

  /** A folder's entries in the byte order of the keys below it; none when it is not there. */
  async #entries(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
    const path = join(this.#root, folder);
    const found = await this.#guard(`list ${path}`, () =>
      readdir(path, { withFileTypes: true }).catch(undefinedIfMissing),
    );
    return (found ?? [])
      .filter(({ name }) => !name.endsWith(partSuffix))
      .filter(({ name }) => folder !== '' || !foreignRootNames.includes(name))
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
      .map((entry) => ({ entry, order: Buffer.from(entry.isFolder ? `${entry.name}/` : entry.name) }))
      .sort((a, b) => a.order.compare(b.order))
      .map(({ entry }) => entry);
  }

  /** After an unmount the root is another directory; it counts again when a store is in it (a remount). */
  async #assertMounted(action: string): Promise<void> {
    const identity = await identityOf(this.#root);
    if (identity === this.#identity) return;
    const isStore = await stat(join(this.#root, markerKey)).then(
      () => true,
      () => false,
    );
    if (!isStore) throw unreachableError(this.#root, action);
    this.#identity = identity;
  }

  async #guard<T>(action: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw filesystemError(error, this.#root, action);
    }
  }
}
