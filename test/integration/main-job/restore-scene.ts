/** What tests of restores share: a running instance with a tagged data volume, a point of it, and what came of it since. */
import assert from 'node:assert/strict';
import { changeImage, volumeSha256 } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';

const mib = 1024 * 1024;

export interface AttachedVolume {
  volumeId: string;
  device: string | undefined;
  tag: string | undefined;
  deleteOnTermination: boolean;
}

export interface RestoreScene {
  scratch: ScratchCloud;
  service: FaultyService;
  serverId: string;
  rootId: string;
  dataId: string;
  pointId: string;
  /** Content of the data volume at the point; it is another one now. */
  sha256: string;
  /** The data volume that is on the instance now. */
  attached(instanceId?: string): Promise<AttachedVolume>;
  volumeIds(): Promise<string[]>;
  /** The instance has its volume, and the restore has left nothing. */
  assertAsBefore(restoreId: string, before: AttachedVolume, volumes: string[]): Promise<void>;
  close(): Promise<void>;
}

export function imageOf(volumeId: string, pool = 'volumes'): string {
  return `${pool}/volume-${volumeId}`;
}

export async function openRestoreScene(piece: string): Promise<RestoreScene> {
  const scratch = await ScratchCloud.open(piece);
  const service = await startFaultyService();
  const [rootId, dataId] = await Promise.all([scratch.volume({ bootable: true }), scratch.volume()]);
  // Live detachment without an operating system in the guest needs this bus.
  await scratch
    .owner()
    .cinder.setImageMetadata(rootId, { hw_disk_bus: 'scsi', hw_scsi_model: 'virtio-scsi' });
  await changeImage(imageOf(dataId), [{ kind: 'write', offset: mib, length: 2 * mib, seed: 1 }]);
  const serverId = await scratch.instance({
    // Nova's fake driver knows no tags.
    zone: 'libvirt',
    disks: [{ volumeId: rootId }, { volumeId: dataId, tag: 'data', deleteOnTermination: true }],
  });
  const { result } = await service.backup({ instance: serverId });
  const sha256 = await volumeSha256(imageOf(dataId));
  // Everything that is restored must come from the point.
  await changeImage(imageOf(dataId), [{ kind: 'write', offset: 0, length: 4 * mib, seed: 2 }]);

  const attached = async (instanceId = serverId): Promise<AttachedVolume> => {
    const { nova } = scratch.owner();
    const rows = await nova.describeAttachments(await nova.getServer(instanceId));
    const [data, ...others] = rows.filter(({ attachment }) => !attachment.isRoot);
    assert.ok(data);
    assert.deepEqual(others, []);
    const { device, tag, deleteOnTermination } = data.attachment;
    return { volumeId: data.volumeId, device, tag, deleteOnTermination };
  };
  const volumeIds = async (): Promise<string[]> => (await scratch.volumes()).map(({ id }) => id).toSorted();
  return {
    scratch,
    service,
    serverId,
    rootId,
    dataId,
    pointId: result.point_id,
    sha256,
    attached,
    volumeIds,
    async assertAsBefore(restoreId, before, volumes) {
      assert.deepEqual(await attached(), before);
      assert.deepEqual(await volumeIds(), volumes);
      assert.deepEqual(await scratch.freshImages(restoreId), []);
    },
    async close() {
      await service.stop();
      await scratch.close();
    },
  };
}
