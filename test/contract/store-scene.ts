import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../src/base/errors.ts';
import type { DiffRecord } from '../../src/domain/rbd-diff/records.ts';
import { openBackupStore } from '../../src/drivers/store/backup-store.ts';
import type { BackupStore, LinkHeader } from '../../src/drivers/store/backup-store.ts';
import { FilesystemStore } from '../../src/drivers/store/filesystem-store.ts';
import { noMasterKeys } from '../../src/drivers/store/master-key.ts';
import type { MasterKeys } from '../../src/drivers/store/master-key.ts';
import type {
  FolderUsage,
  ObjectBody,
  ObjectCallOptions,
  ObjectStore,
  StoredObject,
} from '../../src/drivers/store/object-store.ts';
import { streamOf } from '../fuzz/diff-arbitraries.ts';
import { noise, sampleStream } from './store-samples.ts';

const segmentBytes = 64 * 1024;
const done = Promise.resolve();

/** A directory store that keeps a log, and whose n-th put from now fails, as on a disk that fills up. */
export class FailingStore implements ObjectStore {
  readonly description = 'failing store';
  readonly #store: ObjectStore;
  putsLeft = Infinity;
  /** `begin KEY` and `end KEY` of puts, `remove KEY`, in the order of their happening. */
  readonly log: string[] = [];

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async put(key: string, body: ObjectBody, options?: ObjectCallOptions): Promise<number> {
    if (this.putsLeft-- <= 0) throw new AppError('STORE_FULL', `no space for ${key}`);
    this.log.push(`begin ${key}`);
    const bytes = await this.#store.put(key, body, options);
    this.log.push(`end ${key}`);
    return bytes;
  }

  get(key: string, maxBytes: number, options?: ObjectCallOptions): Promise<Buffer | undefined> {
    return this.#store.get(key, maxBytes, options);
  }

  open(key: string, options?: ObjectCallOptions): AsyncIterable<Buffer> {
    return this.#store.open(key, options);
  }

  copy(from: string, to: string, options?: ObjectCallOptions): Promise<void> {
    return this.#store.copy(from, to, options);
  }

  stat(key: string, options?: ObjectCallOptions): Promise<StoredObject | undefined> {
    return this.#store.stat(key, options);
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

  remove(key: string, options?: ObjectCallOptions): Promise<void> {
    this.log.push(`remove ${key}`);
    return this.#store.remove(key, options);
  }

  removeFolder(folder: string, options?: ObjectCallOptions): Promise<void> {
    this.log.push(`remove ${folder}/`);
    return this.#store.removeFolder(folder, options);
  }
}

export interface Scene {
  root: string;
  objects: FailingStore;
  store: BackupStore;
}

export async function withStore(
  body: (scene: Scene) => Promise<void>,
  keys: MasterKeys = noMasterKeys,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'emberkeep-links-'));
  try {
    const objects = new FailingStore(await FilesystemStore.open(root));
    const store = await openBackupStore(objects, { create: true, segmentBytes, keys });
    await body({ root, objects, store });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Three segments of noise and text, zero blocks, a discard; none of it adjacent. */
export const data: DiffRecord[] = [
  { type: 'write', offset: 0, data: noise(100_000) },
  { type: 'zero', offset: 200_704, length: 8192 },
  { type: 'write', offset: 1_048_576, data: Buffer.alloc(300_000).fill('text ', 20_000, 90_000) },
];

export async function write(
  store: BackupStore,
  header: LinkHeader,
  bytes = sampleStream(header, data),
): Promise<void> {
  await store.writeLink({ header, stream: streamOf([bytes]), exported: done });
}

export async function read(store: BackupStore, linkId: string): Promise<Buffer> {
  const manifest = await store.readLinkManifest(linkId);
  assert.ok(manifest !== undefined);
  const chunks: Buffer[] = [];
  for await (const chunk of store.openLinkStream(manifest)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
