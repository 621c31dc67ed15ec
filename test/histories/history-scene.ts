import { newId } from '../../src/base/ids.ts';
import type { MasterKeys } from '../../src/drivers/store/master-key.ts';
import type { LinkManifest } from '../../src/domain/manifest.ts';
import { writeDiff } from '../../src/domain/rbd-diff/write.ts';
import { openBackupStore, type BackupStore } from '../../src/drivers/store/backup-store.ts';
import type { ObjectStore } from '../../src/drivers/store/object-store.ts';
import { sampleHeader, samplePoint } from '../contract/store-samples.ts';
import { streamOf } from '../fuzz/diff-arbitraries.ts';
import { CrashingStore } from './crashing-store.ts';
import { maxImageBytes, type Change } from './history-arbitraries.ts';
import { ImageModel } from './image-model.ts';
import { MemoryStore } from './memory-store.ts';

const segmentBytes = 16 * 1024;

/** A point of the history, and what the image held then. */
export interface HistoryPoint {
  pointId: string;
  bytes: Buffer;
}

/** An image that lives, and a store that its links go to. */
export class HistoryScene {
  readonly objects: CrashingStore;
  readonly store: BackupStore;
  readonly points: HistoryPoint[] = [];
  readonly #image = new ImageModel(maxImageBytes / 2);
  /** The link that the next increment stands on. */
  head: LinkManifest | undefined;
  #snapshots = 0;

  private constructor(objects: CrashingStore, store: BackupStore) {
    this.objects = objects;
    this.store = store;
  }

  /** @param options.into where the objects go, empty; a new store in memory unless told */
  static async open({ keys, into }: { keys?: MasterKeys; into?: ObjectStore } = {}): Promise<HistoryScene> {
    const objects = new CrashingStore(into ?? new MemoryStore());
    const options = { create: true, segmentBytes, ...(keys === undefined ? {} : { keys }) };
    return new HistoryScene(objects, await openBackupStore(objects, options));
  }

  change(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.type === 'resize') this.#image.resize(change.sizeBytes);
      else if (change.type === 'discard') this.#image.discard(change.offset, change.length);
      else this.#image.write(change.offset, noiseOf(change.length, change.seed));
    }
  }

  /** Takes the next point: a full the first time, then increments on the newest link. */
  async backUp(): Promise<LinkManifest> {
    const [linkId, pointId] = [newId(), newId()];
    const name = `snapshot-${linkId}`;
    const bytes = this.#image.snapshot(name);
    const parent = this.head;
    this.#snapshots += 1;
    const header = sampleHeader({
      linkId,
      pointId,
      toSnapshot: { name, id: this.#snapshots },
      ...(parent === undefined
        ? {}
        : {
            kind: 'increment',
            chainId: parent.chainId,
            parentLinkId: parent.linkId,
            depth: parent.depth + 1,
            fullReason: null,
            fromSnapshot: parent.toSnapshot,
          }),
    });
    const records = this.#image.exportDiff(parent?.toSnapshot.name, name);
    const stream = streamOf([Buffer.concat([...writeDiff(records)])]);
    this.head = await this.store.writeLink({ header, stream, exported: Promise.resolve() });
    await this.store.writePoint({ ...samplePoint(this.store.storeId, linkId), pointId });
    this.points.push({ pointId, bytes });
    return this.head;
  }

  /** The chain of a point by the store's manifests alone, the full first. */
  async chainOf(pointId: string): Promise<LinkManifest[]> {
    const linkId = (await this.store.readPoint(pointId))?.disks[0]?.linkId;
    if (linkId === undefined) throw new Error(`point ${pointId} is missing`);
    const chain: LinkManifest[] = [];
    for (let next: string | null = linkId; next !== null;) {
      const link: LinkManifest | undefined = await this.store.readLinkManifest(next);
      if (link === undefined) throw new Error(`link ${next} is missing`);
      chain.unshift(link);
      next = link.parentLinkId;
    }
    return chain;
  }
}

/** Seed 0 gives zeros; others compress badly, and differ. */
function noiseOf(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; seed !== 0 && at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}
