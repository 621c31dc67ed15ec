/** The disks of an instance are gone and the cluster is not: the runbook docs/operate/disaster.md#disks. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { WireInstance } from '../../../src/entry/cli/wire.ts';
import { Cleanup, patience } from '../../support/devcloud.ts';
import { restoredInstance } from '../../support/instances.ts';
import { changeImage, headSha256, listImages, removeImage } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startTestService, type TestService } from '../../support/service.ts';

const mib = 1024 * 1024;
const cleanup = new Cleanup();
let scratch: ScratchCloud;
let service: TestService;

before(async () => {
  scratch = await ScratchCloud.open('gone');
  cleanup.add(() => scratch.close());
  service = await startTestService();
  cleanup.add(() => service.stop());
});
after(() => cleanup.run());

const imageOf = (volumeId: string): string => `volumes/volume-${volumeId}`;

test('an instance whose disks are gone cannot go back in place, and is made anew with what they held', async () => {
  const { nova, cinder } = scratch.owner();
  const volumes = [await scratch.volume({ bootable: true }), await scratch.volume()];
  for (const [index, id] of volumes.entries())
    await changeImage(imageOf(id), [{ kind: 'write', offset: 0, length: mib, seed: index + 1 }]);
  const held = await Promise.all(volumes.map((id) => headSha256(imageOf(id))));
  const name = scratch.name('instance');
  const instance = await scratch.instance({ name, disks: volumes.map((volumeId) => ({ volumeId })) });
  const { result } = await service.backup({ instance });
  await nova.stopServer(instance);
  await nova.waitForServer(instance, 'SHUTOFF', patience);
  for (const id of volumes) await removeImage(imageOf(id));
  const left = await listImages('volumes');
  assert.deepEqual(
    left.filter((image) => volumes.some((id) => image.includes(id))),
    [],
  );

  // 1. The plan says why it cannot be done in place.
  const point = { id: result.point_id };
  const { restore_plan: plan } = await service.call<{ restore_plan: { problems: { code: string }[] } }>(
    'POST',
    '/v1/restore-plans',
    { point, mode: 'in-place' },
  );
  assert.deepEqual(
    plan.problems.map(({ code }) => code),
    ['CONFLICT_DISK_GONE', 'CONFLICT_DISK_GONE'],
  );

  // 2. What Nova still shows goes, and the instance is found among those that are gone.
  await nova.deleteServer(instance);
  await nova.waitForServerGone(instance, patience);
  const path = `/v1/instances?deleted=true&project_id=${scratch.projectId()}`;
  const { instances } = await service.call<{ instances: WireInstance[] }>('GET', path);
  assert.deepEqual(
    instances.map(({ id, last_point: last }) => [id, last?.id]),
    [[instance, result.point_id]],
  );
  const job = await service.restore({ point, mode: 'instance' });
  const anew = restoredInstance(scratch, job);
  assert.equal(anew.name, name);
  const made = volumes.map(
    (id) => job.result.disks.find(({ disk_key: key }) => key === `volume:${id}`)?.new_volume_id ?? '',
  );
  assert.deepEqual(await Promise.all(made.map((id) => headSha256(imageOf(id)))), held);

  // 3. The volumes without images can be deleted, and the new ones begin new chains.
  for (const id of volumes) {
    await cinder.deleteVolume(id);
    await cinder.waitForVolumeGone(id, patience);
  }
  const again = await service.backup({ instance: anew.id });
  assert.deepEqual(
    again.result.disks.map(({ kind, disk_key: key }) => [kind, key]).toSorted(),
    made.map((id) => ['full', `volume:${id}`]).toSorted(),
  );
});
