/** Keystone is away just when the tokens of a job run out: the job waits for it and goes on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cleanup, credentialsOf } from '../../support/devcloud.ts';
import { startLeavingRelay, type LeavingRelay } from '../../support/leaving-relay.ts';
import { changeImage, headSha256 } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { startShortKeystone } from '../../support/short-keystone.ts';

const tokenSeconds = 6;
const cleanup = new Cleanup();
let scratch: ScratchCloud;
let relay: LeavingRelay;
let service: FaultyService;

before(async () => {
  scratch = await ScratchCloud.open('token');
  cleanup.add(() => scratch.close());
  const keystone = await startShortKeystone(tokenSeconds);
  cleanup.add(() => keystone.stop());
  const { hostname, port } = new URL(keystone.url);
  relay = await startLeavingRelay({ host: hostname, port: Number(port) });
  cleanup.add(() => relay.close());
  const authUrl = `http://127.0.0.1:${relay.port}/v3`;
  service = await startFaultyService({ credentials: { ...credentialsOf('emberkeep'), authUrl } });
  cleanup.add(() => service.stop());
});
after(() => cleanup.run());

test('a restore whose tokens have run out while Keystone is away makes its volume once that is back', async (t) => {
  const id = await scratch.volume();
  await changeImage(`volumes/volume-${id}`, [{ kind: 'write', offset: 0, length: 1024 * 1024, seed: 4 }]);
  const { result } = await service.backup({ volume: id });
  const { rbd } = service.real;
  let isBack = false;
  service.hooks.rbd.importDiff = async (at, stream, options) => {
    await rbd.importDiff(at, stream, options);
    await relay.leave();
    // As an import of hours outlives its token, whenever that was had.
    await sleep(tokenSeconds * 1000);
    void sleep(4_000).then(async () => {
      isBack = true;
      await relay.comeBack();
    });
  };
  let managedAfterwards = false;
  service.hooks.cinder.manageVolume = async (...args) => {
    managedAfterwards = isBack;
    return await service.real.openstack.inProject(scratch.projectId()).cinder.manageVolume(...args);
  };
  const { result: restored, attempt } = await service.restore({
    point: { id: result.point_id },
    mode: 'volume',
  });
  t.diagnostic(`${restored.disks.length} disk`);
  assert.equal(attempt, 1);
  assert.ok(managedAfterwards, 'it could not have been earlier');
  const made = restored.disks[0]?.new_volume_id ?? '';
  assert.equal(await headSha256(`volumes/volume-${made}`), await headSha256(`volumes/volume-${id}`));
  assert.equal((await scratch.volumes()).length, 2, 'the source and what was restored');
  assert.deepEqual(await scratch.freshImages(restored.restore_id), []);
});
