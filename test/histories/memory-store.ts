import { AppError } from '../../src/base/errors.ts';
import { throwIfCancelled } from '../../src/base/retry.ts';
import { assertKey } from '../../src/drivers/store/keys.ts';
import type {
  FolderUsage,
  ObjectBody,
  ObjectCallOptions,
  ObjectStore,
  StoredObject,
} from '../../src/drivers/store/object-store.ts';

const chunkBytes = 1024 * 1024;

/** Objects in memory, for histories by the thousand; passes the contract like any other store. */
export class MemoryStore implements ObjectStore {
  readonly description = 'memory';
  readonly #objects = new Map<string, Buffer>();

  async put(key: string, body: ObjectBody, { signal }: ObjectCallOptions = {}): Promise<number> {
    assertKey(key);
    throwIfCancelled(signal);
    const pieces: Buffer[] = [];
    for await (const piece of Buffer.isBuffer(body) ? [body] : body) {
      throwIfCancelled(signal);
      pieces.push(Buffer.from(piece));
    }
    throwIfCancelled(signal);
    const bytes = Buffer.concat(pieces);
    this.#objects.set(key, bytes);
    return bytes.length;
  }

  async get(key: string, maxBytes: number, { signal }: ObjectCallOptions = {}): Promise<Buffer | undefined> {
    assertKey(key);
    throwIfCancelled(signal);
    const found = this.#objects.get(key);
    if (found !== undefined && found.length > maxBytes)
      throw new AppError('STORE_OBJECT_TOO_LARGE', `${key} has ${found.length} bytes`);
    return await Promise.resolve(found && Buffer.from(found));
  }

  async *open(key: string, { signal }: ObjectCallOptions = {}): AsyncGenerator<Buffer, void, undefined> {
    const found = await this.get(key, Infinity);
    if (found === undefined) throw new AppError('STORE_OBJECT_MISSING', `${key} does not exist`);
    for (let at = 0; at < found.length; at += chunkBytes) {
      throwIfCancelled(signal);
      yield found.subarray(at, at + chunkBytes);
    }
  }

  async copy(from: string, to: string): Promise<void> {
    assertKey(to);
    const found = await this.get(from, Infinity);
    if (found === undefined) throw new AppError('STORE_OBJECT_MISSING', `${from} does not exist`);
    this.#objects.set(to, found);
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    const found = await this.get(key, Infinity);
    return found && { key, sizeBytes: found.length };
  }

  async *list(
    prefix: string,
    { signal }: ObjectCallOptions = {},
  ): AsyncGenerator<StoredObject, void, undefined> {
    for (const key of [...this.#objects.keys()].filter((one) => one.startsWith(prefix)).sort()) {
      throwIfCancelled(signal);
      const found = await this.stat(key);
      if (found !== undefined) yield found;
    }
  }

  async *folders(folder: string): AsyncGenerator<string, void, undefined> {
    assertKey(folder);
    const names = [...this.#objects.keys()]
      .filter((key) => key.startsWith(`${folder}/`))
      .map((key) => key.slice(folder.length + 1).split('/'))
      .flatMap(([name, ...rest]) => (rest.length > 0 && name !== undefined ? [name] : []));
    yield* await Promise.resolve([...new Set(names)].sort());
  }

  async usage(folder: string): Promise<FolderUsage> {
    const objects = await Array.fromAsync(this.list(`${folder}/`));
    const sizeBytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
    return { sizeBytes, changedAt: objects.length === 0 ? undefined : new Date() };
  }

  async remove(key: string): Promise<void> {
    assertKey(key);
    this.#objects.delete(key);
    await Promise.resolve();
  }

  async removeFolder(folder: string): Promise<void> {
    assertKey(folder);
    for (const key of this.#objects.keys()) if (key.startsWith(`${folder}/`)) this.#objects.delete(key);
    await Promise.resolve();
  }
}
