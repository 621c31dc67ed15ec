import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReconcileDeps } from '../deps.ts';
import { safetyStray } from './safety-snapshot.ts';

const restoreId = '6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f';
const [safety, before] = [`backup.${restoreId}.snap.10`, `backup.${restoreId}.snap.11`];
const seen = { cluster: 'ceph', pool: 'volumes', image: 'volume-v', imageId: 'id' };
const plan = {
  disks: [{ disk: { key: 'volume:v' }, writeBack: { begun: { imageId: 'id', safety, before } } }],
};

interface Scene {
  undoReleasedAt?: Date | undefined;
  restore?: undefined;
  state?: string;
  live?: object[];
}

function depsOf(scene: Scene): { deps: ReconcileDeps; removed: string[] } {
  const removed: string[] = [];
  const undoReleasedAt = 'undoReleasedAt' in scene ? scene.undoReleasedAt : new Date(0);
  const row = 'restore' in scene ? undefined : { id: restoreId, jobId: 'j', undoReleasedAt };
  const deps = {
    catalog: {
      restores: { get: () => Promise.resolve(row) },
      jobs: {
        get: () => Promise.resolve({ id: 'j', state: scene.state ?? 'succeeded', plan }),
        unfinished: () => Promise.resolve(scene.live ?? []),
      },
    },
    rbd: {
      findImage: () => Promise.resolve({ imageId: 'id' }),
      removeSnapshot: (at: { image: string }, name: string) => {
        removed.push(`${at.image}@${name}`);
        return Promise.resolve();
      },
    },
  } as unknown as ReconcileDeps;
  return { deps, removed };
}

test('I4: both snapshots of a write-back whose undo is over are strays, with the locks of its disks', async () => {
  const { deps, removed } = depsOf({});
  for (const name of [safety, before]) {
    const stray = await safetyStray(deps, seen, name);
    assert.deepEqual(stray?.locks, ['job:j', 'restore:volume:v', 'disk:volume:v']);
    assert.equal(await stray.isStill(), true);
    await stray.remove();
  }
  assert.deepEqual(removed, [`volume-v@${safety}`, `volume-v@${before}`]);
});

const kept: [string, Scene, typeof seen?, string?][] = [
  ['whose undo is possible still', { undoReleasedAt: undefined }],
  ['of a restore that failed and may have nothing else', { undoReleasedAt: undefined, state: 'failed' }],
  ['of another catalog', { restore: undefined }],
  ['that a running job names', { live: [{ kind: 'undo', target: { restoreId }, plan: {} }] }],
  ['on another image', {}, { ...seen, imageId: 'another' }],
  ['of another name', {}, seen, `backup.${restoreId}.snap.12`],
  ['that no restore took', {}, seen, 'by-hand'],
];
for (const [what, scene, image = seen, name = safety] of kept) {
  test(`I4: a snapshot ${what} is left alone`, async () => {
    assert.equal(await safetyStray(depsOf(scene).deps, image, name), undefined);
  });
}
