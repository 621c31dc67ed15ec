/** Mode replace when Nova or the guest will not: the instance has its old volume back, hung as it was. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import type { WireJob, WireRestore } from '../../../src/entry/cli/wire.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';

let scratch: ScratchCloud;
let service: FaultyService;

before(async () => {
  scratch = await ScratchCloud.open('reattach');
  service = await startFaultyService();
});
afterEach(() => {
  service.clear();
});
after(async () => {
  await service.stop();
  await scratch.close();
});

/** What hangs on the instance beside its root. */
async function hanging(instanceId: string): Promise<object[]> {
  const { nova } = scratch.owner();
  const rows = await nova.describeAttachments(await nova.getServer(instanceId));
  return rows
    .filter(({ attachment }) => !attachment.isRoot)
    .map(({ volumeId, attachment: { device, tag, deleteOnTermination } }) => ({
      volumeId,
      device,
      tag,
      deleteOnTermination,
    }));
}

/** A guest refuses for as long as Nova asks it: 8 times 20 seconds, unless Nova is told otherwise. */
const refusalMs = 400_000;

async function failedReplacement(pointId: string): Promise<{ restore: WireRestore; job: WireJob }> {
  const { restore } = await service.call<{ restore: WireRestore }>('POST', '/v1/restores', {
    point: { id: pointId },
    mode: 'replace',
  });
  const job = await service.ended(restore.job_id, refusalMs);
  assert.equal(job.state, 'failed');
  return { restore, job };
}

test('a guest that does not let go of its volume keeps it, and the restore says what to do', async () => {
  // On the default bus, virtio, the guest must agree, and this one has no operating system that could.
  const disks = await Promise.all([scratch.volume({ bootable: true }), scratch.volume()]);
  const [root, data] = disks;
  const instanceId = await scratch.instance({
    zone: 'libvirt',
    disks: [{ volumeId: root }, { volumeId: data, tag: 'data', deleteOnTermination: true }],
  });
  const { result } = await service.backup({ instance: instanceId });
  const [before, volumes] = [await hanging(instanceId), await scratch.volumes()];
  const { restore, job } = await failedReplacement(result.point_id);
  assert.equal(job.error?.type, 'OPENSTACK_DETACH_FAILED');
  assert.match(
    job.error.message,
    /did not let go of volume .*: unmount it in the guest or stop the instance/,
  );
  assert.deepEqual(await hanging(instanceId), before);
  assert.deepEqual(await scratch.volumes(), volumes, 'the same volumes in the same states, none is new');
  assert.deepEqual(await scratch.freshImages(restore.id), []);
});

test('a volume that cannot be attached leaves the old one with its device, its tag and its end', async () => {
  const disks = await Promise.all([scratch.volume({ bootable: true }), scratch.volume()]);
  const [root, data] = disks;
  // The fake driver takes any device for granted, and knows no tags; restore.test.ts has them.
  const instanceId = await scratch.instance({
    disks: [{ volumeId: root }, { volumeId: data, device: '/dev/sdq', deleteOnTermination: true }],
  });
  const { result } = await service.backup({ instance: instanceId });
  const before = await hanging(instanceId);
  assert.deepEqual(before, [
    { volumeId: data, device: '/dev/sdq', tag: undefined, deleteOnTermination: true },
  ]);
  service.hooks.attachments.attach = async (id, request, wait) => {
    if (request.volumeId !== data) throw new AppError('OPENSTACK_ATTACH_FAILED', 'says the test');
    const { attachments } = service.real.openstack.inProject(scratch.projectId());
    return await attachments.attach(id, request, wait);
  };
  const { restore, job } = await failedReplacement(result.point_id);
  assert.equal(job.error?.type, 'OPENSTACK_ATTACH_FAILED');
  assert.deepEqual(await hanging(instanceId), before);
  assert.deepEqual(await scratch.freshImages(restore.id), []);
});
