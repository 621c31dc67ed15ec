import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { WireExpiration } from '../../../src/entry/cli/expire-view.ts';
import type { WireJob, WirePoint } from '../../../src/entry/cli/wire.ts';
import { changeImage, listSnapshots } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import {
  ApiFailure,
  makeStateDir,
  startTestService,
  succeeded,
  type TestService,
} from '../../support/service.ts';
import { ChainScene, checkStore } from './chain-scene.ts';

let scratch: ScratchCloud;
let stateDir: string;
let service: TestService;

before(async () => {
  scratch = await ScratchCloud.open('expire');
  stateDir = await makeStateDir();
  const config = join(stateDir, 'emberkeep.yaml');
  await writeFile(config, 'retention: { keep_last: 2 }\ncycle: { increments: 2 }\n');
  service = await startTestService({ stateDir, env: { EMBERKEEP_CONFIG: config } });
});
after(async () => {
  await service.stop();
  await scratch.close();
  await rm(stateDir, { recursive: true, force: true });
});

function failure(status: number, type: string): (error: unknown) => boolean {
  return (error) => error instanceof ApiFailure && error.status === status && error.body.error.type === type;
}

test('the configured rules keep the newest points, whole chains go without a fold, and again nothing is left to do', async () => {
  // Cycles of two increments: full, 1, 2, full, 1.
  const scene = await ChainScene.make(service, scratch, 4);
  const chains = await scene.expire({ source: scene.diskKey.replace('image:', ''), strategy: 'chains' });
  assert.equal(chains.state, 'succeeded', JSON.stringify(chains.error));
  assert.deepEqual([chains.result?.['dropped_links'], chains.result?.['folded_links']], [3, 0]);
  scene.points = scene.points.slice(3);
  await scene.checkRestored();
  const [snapshot] = await listSnapshots(scene.spec);
  assert.ok(snapshot, 'I4: the snapshot for the next increment is there');

  assert.equal((await scene.takePoint()).kind, 'increment');
  const job = await scene.expire({ source: scene.diskKey.replace('image:', '') });
  assert.deepEqual([job.result?.['dropped_links'], job.result?.['folded_links']], [0, 1]);
  assert.ok(Number(job.result?.['freed_bytes']) >= 0);
  scene.points = scene.points.slice(1);
  await scene.check();
  // The folded full is younger and the chain is shorter now: the cycle goes on.
  assert.equal((await scene.takePoint()).kind, 'increment');

  const again = { source: scene.diskKey.replace('image:', ''), keep: { last: 9 } };
  const { expirations } = await service.call<{ expirations: WireExpiration[] }>(
    'POST',
    '/v1/expirations',
    again,
  );
  assert.deepEqual(
    expirations.map(({ job: none }) => none),
    [null],
  );
  await checkStore(service, [scene]);
  await scene.delete(0, 1);
  assert.equal(
    (await scene.expire({ points: scene.points.map(({ pointId }) => pointId), allow_newest: true })).state,
    'succeeded',
  );
  scene.points = [];
  await checkStore(service, [scene]);
});

test('I7: a member deletes its own points; a reader may not, and for others there is none', async () => {
  const volumeId = await scratch.volume();
  const spec = `volumes/volume-${volumeId}`;
  const backUp = async (seed: number): Promise<void> => {
    await changeImage(spec, [{ kind: 'write', offset: seed * 65_536, length: 65_536, seed }]);
    await service.backup({ volume: volumeId });
  };
  for (const seed of [1, 2]) await backUp(seed);
  const listed = await service.call<{ points: WirePoint[] }>('GET', `/v1/points?source=${volumeId}`);
  const [newest, oldest] = listed.points;
  const path = `/v1/points/${oldest?.id ?? ''}`;
  await assert.rejects(
    service.call('DELETE', path, undefined, 'devcloud-other'),
    failure(404, 'NOTFOUND_RESOURCE'),
  );
  await assert.rejects(
    service.call('DELETE', path, undefined, 'devcloud-reader'),
    failure(403, 'FORBIDDEN_ROLE'),
  );
  const { expiration } = await service.call<{ expiration: WireExpiration }>(
    'DELETE',
    path,
    undefined,
    'devcloud-tenant',
  );
  const jobId = expiration.job?.id ?? '';
  const { job } = await service.call<{ job: WireJob }>(
    'GET',
    `/v1/jobs/${jobId}`,
    undefined,
    'devcloud-tenant',
  );
  assert.equal(job.project_id, scratch.projectId());
  assert.deepEqual(succeeded(await service.ended(jobId)).result?.['point_ids'], [oldest?.id]);
  await assert.rejects(service.call('GET', path), failure(404, 'NOTFOUND_RESOURCE'));
  const left = await service.call<{ points: WirePoint[] }>('GET', `/v1/points?source=${volumeId}`);
  assert.deepEqual(
    left.points.map(({ id, type }) => [id, type]),
    [[newest?.id, 'full']],
  );
  const audit = await service.drivers.catalog.audit.list({ action: 'point.delete' });
  assert.equal(audit.find(({ target }) => target['pointId'] === oldest?.id)?.result, 'deleted');

  // I12: nothing of a deletion stands in the way of the tenant's own delete.
  const { cinder } = scratch.owner();
  await cinder.deleteVolume(volumeId);
  await cinder.waitForVolumeGone(volumeId, { timeoutMs: 120_000 });
});
