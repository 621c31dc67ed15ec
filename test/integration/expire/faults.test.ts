import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../src/base/errors.ts';
import type { WireExpiration } from '../../../src/entry/cli/expire-view.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { ChainScene, checkStore } from './chain-scene.ts';

let scratch: ScratchCloud;
let service: FaultyService;
let scene: ChainScene;

before(async () => {
  scratch = await ScratchCloud.open('fold-faults');
  service = await startFaultyService();
  scene = await ChainScene.make(service, scratch, 3);
});
after(async () => {
  await service.stop();
  await scratch.close();
});

test('a fold that fails half way is put back; the next expiry of the source does it', async () => {
  const [first] = scene.points;
  // The new link is whole and the point names it by then; what stands on it does not yet.
  service.hooks.store.replaceLinkManifest = () => {
    service.clear();
    return Promise.reject(new AppError('STORE_IO', 'the disk gave up'));
  };
  const job = await scene.expire({ points: [first?.pointId] });
  assert.deepEqual([job.state, job.error?.type], ['failed', 'STORE_IO']);
  const { catalog, stores } = service.drivers;
  const store = await stores.open();
  const known = (await catalog.expiry.linksOf([scene.diskKey])).map(({ id }) => id).sort();
  assert.deepEqual(
    await Array.fromAsync(store.listLinks()),
    known.map((linkId) => ({ linkId, complete: true })),
    'nothing of the fold is left',
  );
  assert.equal(known.length, 4);
  for (const { pointId } of scene.points.slice(1))
    assert.deepEqual(await store.readPoint(pointId), (await catalog.points.get(pointId))?.manifest);

  scene.points = scene.points.slice(1);
  const again = await scene.expire({ source: scene.diskKey.replace('image:', ''), keep: { last: 100 } });
  assert.equal(again.state, 'succeeded', JSON.stringify(again.error));
  assert.deepEqual([again.result?.['point_ids'], again.result?.['folded_links']], [[], 1]);
  await scene.check();
  await checkStore(service, [scene]);
});

test('a deletion waits for a restore of the same disk', async () => {
  const { locks, catalog } = service.drivers;
  const held = await locks.acquire(`restore:${scene.diskKey}`);
  assert.ok(held);
  const pointId = scene.points[0]?.pointId ?? '';
  const { expiration } = await service.call<{ expiration: WireExpiration }>(
    'DELETE',
    `/v1/points/${pointId}`,
  );
  const jobId = expiration.job?.id ?? '';
  const isWaiting = async (): Promise<boolean> =>
    (await catalog.events.since(jobId)).some(({ data }) => String(data['message']).startsWith('waiting'));
  for (let tries = 0; tries < 300 && !(await isWaiting()); tries += 1) await sleep(100);
  assert.ok(await isWaiting());
  assert.equal((await catalog.points.get(pointId))?.state, 'complete');
  await held.release();
  const job = await service.ended(jobId);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  scene.points = scene.points.slice(1);
  await scene.checkRestored();
});

test('what a fold left whose undo failed as well is removed by the next expiry of the source', async () => {
  const own = await ChainScene.make(service, scratch, 2);
  const [first] = own.points;
  const { stores, catalog } = service.drivers;
  const store = await stores.open();
  const gaveUp = (): Promise<never> => Promise.reject(new AppError('STORE_IO', 'the disk gave up'));
  Object.assign(service.hooks.store, { replaceLinkManifest: gaveUp, removeLink: gaveUp });
  const job = await own.expire({ points: [first?.pointId] });
  assert.deepEqual([job.state, job.error?.type], ['failed', 'CONFLICT_UNDO_FAILED']);
  service.clear();
  const known = (await catalog.expiry.linksOf([scene.diskKey, own.diskKey])).map(({ id }) => id);
  const found = (await Array.fromAsync(store.listLinks())).map(({ linkId }) => linkId);
  const [left = '', ...others] = found.filter((linkId) => !known.includes(linkId));
  assert.deepEqual(others, []);
  // As when the process was killed before the new link had its manifest.
  await rm(join(service.config.storeDirectory, 'links', left, 'manifest.json'));

  own.points = own.points.slice(1);
  const again = await own.expire({ source: own.diskKey.replace('image:', ''), keep: { last: 100 } });
  assert.equal(again.state, 'succeeded', JSON.stringify(again.error));
  assert.equal(again.result?.['folded_links'], 1);
  await own.check();
  await checkStore(service, [scene, own]);
});
