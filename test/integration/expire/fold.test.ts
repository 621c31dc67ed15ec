import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import type { WireExpiration } from '../../../src/entry/cli/expire-view.ts';
import { listSnapshots } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { ApiFailure, startTestService, type TestService } from '../../support/service.ts';
import { ChainScene, checkStore, storeFiles } from './chain-scene.ts';

let scratch: ScratchCloud;
let service: TestService;
let scenes: ChainScene[] = [];

before(async () => {
  scratch = await ScratchCloud.open('fold');
  service = await startTestService();
});
after(async () => {
  await service.stop();
  await scratch.close();
});
afterEach(() => checkStore(service, scenes));

async function makeScene(increments: number): Promise<ChainScene> {
  const scene = await ChainScene.make(service, scratch, increments);
  scenes = [...scenes, scene];
  return scene;
}

test('any point can be deleted: every other restores to its bytes, and the next backup is an increment', async (t) => {
  const scene = await makeScene(5);
  const middle = await scene.delete(2);
  assert.deepEqual([middle.result?.['folded_links'], middle.result?.['dropped_links']], [1, 0]);
  await scene.check();

  await scene.delete(0);
  await scene.check();

  // I4: the head takes the place of another link, its snapshot stays under the old name.
  const before = await listSnapshots(scene.spec);
  await scene.delete(-2);
  assert.deepEqual(await listSnapshots(scene.spec), before, 'the source is not touched');
  assert.equal((await scene.takePoint()).kind, 'increment');
  await scene.check();

  const place = Math.floor(Math.random() * (scene.points.length - 1));
  t.diagnostic(`deleting ${place} of ${scene.points.length}`);
  await scene.delete(place);
  assert.equal((await scene.takePoint()).kind, 'increment');
  await scene.checkRestored();
});

test('several at once: runs are folded, and in the end one full is left', async () => {
  const scene = await makeScene(5);
  const job = await scene.delete(0, 1, 3);
  assert.equal(job.result?.['folded_links'], 3);
  await scene.check();
  await scene.delete(0, 1);
  assert.deepEqual(
    (await service.drivers.catalog.expiry.linksOf([scene.diskKey])).map(({ kind }) => kind),
    ['full'],
  );
  assert.equal((await scene.takePoint()).kind, 'increment');
  await scene.checkRestored();
});

test('the newest point goes only when that is asked for; its snapshot goes too, and the next backup is a full', async () => {
  const scene = await makeScene(2);
  const newest = scene.points.at(-1)?.pointId ?? '';
  await assert.rejects(
    service.call('DELETE', `/v1/points/${newest}`),
    (error) => error instanceof ApiFailure && error.body.error.type === 'CONFLICT_NEWEST_POINT',
  );
  const { expiration } = await service.call<{ expiration: WireExpiration }>(
    'DELETE',
    `/v1/points/${newest}?allow_newest=true`,
  );
  const job = await service.ended(expiration.job?.id ?? '');
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  assert.equal(job.result?.['dropped_links'], 1);
  scene.points.pop();
  assert.deepEqual(await listSnapshots(scene.spec), [], 'I4: nobody needs a snapshot now');
  await scene.check();
  assert.equal((await scene.takePoint()).kind, 'full');
  await scene.check();
});

test('a dry run changes nothing', async () => {
  const scene = await makeScene(2);
  const files = await storeFiles(service);
  const links = await service.drivers.catalog.expiry.linksOf([scene.diskKey]);
  const [first] = scene.points;
  const { expiration } = await service.call<{ expiration: WireExpiration }>(
    'DELETE',
    `/v1/points/${first?.pointId ?? ''}?dry_run=true`,
  );
  assert.equal(expiration.job, null);
  assert.deepEqual(
    expiration.points.map(({ goes, reasons }) => [goes, reasons]),
    [
      [false, ['not asked for']],
      [false, ['not asked for']],
      [true, []],
    ],
  );
  assert.equal(expiration.frees_at_least_bytes, 0);
  assert.equal(expiration.frees_at_most_bytes, links[0]?.storedBytes);
  assert.ok(expiration.needs_at_most_bytes > expiration.frees_at_most_bytes);
  assert.deepEqual(await storeFiles(service), files);
  assert.deepEqual(await service.drivers.catalog.expiry.linksOf([scene.diskKey]), links);
});

test('I8: damage that a fold meets is written down, and the links stay as they are', async () => {
  const scene = await makeScene(3);
  const [full, first, second, third] = scene.points;
  const segments = join(service.config.storeDirectory, 'links', first?.linkId ?? '', 'segments');
  const [name = ''] = await readdir(segments);
  const bytes = await readFile(join(segments, name));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(join(segments, name), bytes);

  const job = await scene.expire({ points: [first?.pointId] });
  assert.equal(job.state, 'failed');
  assert.match(job.error?.type ?? '', /^INTEGRITY_/);
  const states = await Promise.all(
    [full, first, second, third].map(
      async (taken) => (await service.drivers.catalog.points.get(taken?.pointId ?? ''))?.state,
    ),
  );
  assert.deepEqual(states, ['complete', 'deleted', 'damaged', 'damaged']);
  assert.equal((await service.drivers.catalog.expiry.linksOf([scene.diskKey])).length, 4, 'all links stay');

  // What stands on the damage can be deleted, and takes the damaged link with it; the rest is whole.
  const rest = await scene.expire({ points: [second?.pointId, third?.pointId] });
  assert.equal(rest.state, 'succeeded', JSON.stringify(rest.error));
  assert.equal(rest.result?.['dropped_links'], 3);
  scene.points = scene.points.slice(0, 1);
  await scene.check();
  assert.equal((await scene.takePoint()).kind, 'full');
});
