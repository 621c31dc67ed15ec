/** Random histories of one image, whatever store its links go to. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import PQueue from 'p-queue';
import { newId } from '../../src/base/ids.ts';
import { planFolds } from '../../src/domain/fold-plan.ts';
import type { ExpireDeps } from '../../src/workflows/expire/deps.ts';
import { foldRun, removeFolded } from '../../src/workflows/expire/fold-run.ts';
import type { FoldStep } from '../../src/workflows/expire/plan.ts';
import { applyDiff } from './apply-diff.ts';
import { Crash } from './crashing-store.ts';
import { changes } from './history-arbitraries.ts';
import type { HistoryScene } from './history-scene.ts';
import { MemoryCatalog } from './memory-catalog.ts';

const diskKey = 'image:main/volumes/sample';

const step = fc.record({
  changes,
  /** Points to delete after the backup, by their place among those that are left. */
  deletions: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(fc.nat(9), { maxLength: 2 })),
  /** Changes of the store until the crash of the first attempt. */
  crashAfter: fc.option(fc.nat(12)),
});

/** What happens from one backup to the next. */
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

export const foldHistory: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 1, maxLength: 5 });

class History {
  readonly scene: HistoryScene;
  readonly #catalog: MemoryCatalog;
  readonly #transfers = new PQueue({ concurrency: 1 });

  constructor(scene: HistoryScene) {
    this.scene = scene;
    this.#catalog = new MemoryCatalog(scene.store.storeId);
  }

  async backUp(): Promise<void> {
    this.#catalog.add(await this.scene.backUp());
  }

  /** The newest point stays: the next increment stands on it. */
  async delete(places: readonly number[], crashAfter: number | null): Promise<void> {
    const { points, objects, store } = this.scene;
    for (const place of places) {
      if (points.length < 2) break;
      const [point] = points.splice(place % (points.length - 1), 1);
      if (point === undefined) continue;
      this.#catalog.deletePoint(point.pointId);
      await store.removePoint(point.pointId);
    }
    const plan = this.#plan();
    if (crashAfter !== null) {
      objects.changesLeft = crashAfter;
      await this.#expire(plan).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
      objects.changesLeft = Infinity;
      await this.check();
    }
    await this.#expire(plan);
    const head = this.#catalog
      .links()
      .find(({ toSnapshot }) => toSnapshot.id === this.scene.head?.toSnapshot.id);
    this.scene.head = head;
  }

  /** Every point that is left is what the image was, by what the store alone says. */
  async check(): Promise<void> {
    const { points, store } = this.scene;
    for (const { pointId, bytes } of points) {
      const chain = await this.scene.chainOf(pointId);
      const flat = await applyDiff(Buffer.alloc(0), store.openChainStream(chain));
      assert.ok(flat.equals(bytes), 'flattened');
    }
  }

  /** Nothing lies in the store that no point needs, and the chain imports in order as well. */
  async checkAtTheEnd(): Promise<void> {
    const { points, store } = this.scene;
    const needed = new Set<string>();
    for (const { pointId, bytes } of points) {
      let image: Buffer = Buffer.alloc(0);
      for (const link of await this.scene.chainOf(pointId)) {
        needed.add(link.linkId);
        const { damages } = await store.inspectLink(link);
        assert.deepEqual(damages, []);
        image = await applyDiff(image, store.openLinkStream(link));
      }
      assert.ok(image.equals(bytes), 'in order');
    }
    const found: string[] = [];
    for await (const { linkId } of store.listLinks()) found.push(linkId);
    assert.deepEqual(found, [...needed].sort());
  }

  #plan(): { drops: string[]; folds: FoldStep[] } {
    const links = this.#catalog.links().map((link) => ({
      linkId: link.linkId,
      parentLinkId: link.parentLinkId,
      depth: link.depth,
      needed: link.isNeeded,
      damaged: false,
      storedBytes: link.segments.storedBytes,
    }));
    const { drops, folds, stays } = planFolds(links, { fold: true });
    assert.deepEqual(stays, []);
    return {
      drops,
      folds: folds.map((linkIds) => ({
        diskKey,
        linkIds,
        newLinkId: newId(),
        storedBytes: 0,
        state: 'planned',
      })),
    };
  }

  async #expire({ drops, folds }: { drops: string[]; folds: FoldStep[] }): Promise<void> {
    const { store } = this.scene;
    for (const linkId of drops) {
      this.#catalog.drop(linkId);
      await store.removeLink(linkId);
    }
    const deps = {
      store,
      catalog: this.#catalog.asPort(),
      transfers: this.#transfers,
    } as unknown as ExpireDeps;
    for (const fold of folds) {
      await foldRun(deps, fold, new AbortController().signal);
      await removeFolded(deps, fold);
    }
  }
}

/** Every point restores to what the image was after each crash and at the end, and nothing is left in the store. */
export async function runFoldHistory(scene: HistoryScene, steps: readonly Step[]): Promise<void> {
  const history = new History(scene);
  for (const { changes: before, deletions, crashAfter } of steps) {
    scene.change(before);
    await history.backUp();
    if (deletions.length > 0) await history.delete(deletions, crashAfter);
  }
  await history.check();
  await history.checkAtTheEnd();
}
