import type {
  FolderUsage,
  ObjectBody,
  ObjectCallOptions,
  ObjectStore,
  StoredObject,
} from '../../src/drivers/store/object-store.ts';

export class Crash extends Error {}

/** Any store, seen by a process that is killed between two changes of single objects. */
export class CrashingStore implements ObjectStore {
  readonly description: string;
  readonly #store: ObjectStore;
  /** Changes that still succeed; the one after them, and everything then, is a crash of the process. */
  changesLeft = Infinity;

  constructor(store: ObjectStore) {
    this.#store = store;
    this.description = store.description;
  }

  async put(key: string, body: ObjectBody, options?: ObjectCallOptions): Promise<number> {
    this.#change();
    return await this.#store.put(key, body, options);
  }

  get(key: string, maxBytes: number, options?: ObjectCallOptions): Promise<Buffer | undefined> {
    return this.#store.get(key, maxBytes, options);
  }

  open(key: string, options?: ObjectCallOptions): AsyncIterable<Buffer> {
    return this.#store.open(key, options);
  }

  async copy(from: string, to: string, options?: ObjectCallOptions): Promise<void> {
    this.#change();
    await this.#store.copy(from, to, options);
  }

  stat(key: string): Promise<StoredObject | undefined> {
    return this.#store.stat(key);
  }

  list(prefix: string, options?: ObjectCallOptions): AsyncIterable<StoredObject> {
    return this.#store.list(prefix, options);
  }

  folders(folder: string): AsyncIterable<string> {
    return this.#store.folders(folder);
  }

  usage(folder: string): Promise<FolderUsage> {
    return this.#store.usage(folder);
  }

  async remove(key: string): Promise<void> {
    this.#change();
    await this.#store.remove(key);
  }

  /** Object by object, as no store can do it at once. */
  async removeFolder(folder: string): Promise<void> {
    if (this.changesLeft !== Infinity) {
      const keys: string[] = [];
      for await (const { key } of this.#store.list(`${folder}/`)) keys.push(key);
      for (const key of keys) await this.remove(key);
    }
    await this.#store.removeFolder(folder);
  }

  #change(): void {
    if (this.changesLeft-- <= 0) throw new Crash('the process was killed');
  }
}
