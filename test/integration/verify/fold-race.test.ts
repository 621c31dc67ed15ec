/** Verifications take no lock against folds: what a fold takes away while they read it must not be called damaged (I8). */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { BackupStore } from '../../../src/drivers/store/backup-store.ts';
import type { WireJob, WirePoint } from '../../../src/entry/cli/wire.ts';
import { ChainScene } from '../expire/chain-scene.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { succeeded } from '../../support/service.ts';

let scratch: ScratchCloud;
let service: FaultyService;
let store: BackupStore;

before(async () => {
  scratch = await ScratchCloud.open('fold-race');
  service = await startFaultyService();
  store = await service.real.stores.open();
});
afterEach(() => {
  service.clear();
});
after(async () => {
  await service.stop();
  await scratch.close();
});

type Level = 'quick' | 'full' | 'deep';

/** The next reading at this level waits where the link's manifest is read and its segments are not. */
function holdReading(level: Level, linkId: string): { reached: Promise<undefined>; goOn: () => void } {
  const reached = Promise.withResolvers<undefined>();
  const gate = Promise.withResolvers<undefined>();
  let isHeld = false;
  /** Once: the fold reads the same link, and so does the verification when it looks again. */
  const wait = async (): Promise<void> => {
    if (isHeld) return;
    isHeld = true;
    reached.resolve(undefined);
    await gate.promise;
  };
  const hooks: Record<Level, FaultyService['hooks']['store']> = {
    quick: {
      checkLink: async (id) => {
        await store.readLinkManifest(id);
        if (id === linkId) await wait();
        return await store.checkLink(id);
      },
    },
    full: {
      inspectLink: async (manifest, options) => {
        if (manifest.linkId === linkId) await wait();
        return await store.inspectLink(manifest, options);
      },
    },
    deep: {
      async *openChainStream(chain, options) {
        if (chain.some((link) => link.linkId === linkId)) await wait();
        yield* store.openChainStream(chain, options);
      },
    },
  };
  service.hooks.store = Object.assign(service.hooks.store, hooks[level]);
  return { reached: reached.promise, goOn: () => gate.resolve(undefined) };
}

for (const level of ['quick', 'full', 'deep'] as const) {
  test(`a fold during a ${level} verification is no damage`, { timeout: 120_000 }, async () => {
    const scene = await ChainScene.make(service, scratch, 3);
    const [, second, , newest] = scene.points;
    assert.ok(second !== undefined && newest !== undefined);
    const { reached, goOn } = holdReading(level, second.linkId);
    const { job } = await service.call<{ job: WireJob }>('POST', '/v1/verifications', {
      target: { point: newest.pointId },
      level,
    });
    await reached;
    await scene.delete(1);
    const links = await service.storedLinks();
    assert.ok(!links.includes(second.linkId), 'its links are gone while they are read');
    goOn();
    const { result } = succeeded(await service.ended(job.id));
    assert.deepEqual([result?.['intact'], result?.['damaged'], result?.['unverified']], [1, 0, 0]);
    const { points } = await service.call<{ points: WirePoint[] }>(
      'GET',
      `/v1/points?source=${encodeURIComponent(`ceph/${scene.spec}`)}`,
    );
    assert.deepEqual(
      points.map(({ state }) => state),
      scene.points.map(() => 'complete'),
    );
    await scene.check();
    const { kind } = await scene.takePoint();
    assert.equal(kind, 'increment', 'nothing of the chain was marked');
  });
}
