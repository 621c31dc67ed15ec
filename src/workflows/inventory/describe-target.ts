/** What OpenStack says of a target now, and where its disks are: the beginning of every backup. */
import { AppError } from '../../base/errors.ts';
import {
  formatLocation,
  imageDiskKey,
  novaDiskKey,
  volumeDiskKey,
  type AttachmentDescription,
  type Disk,
} from '../../domain/disk.ts';
import type { InstanceDescription } from '../../domain/instance.ts';
import type { DescribedTarget, ResolvedTarget } from '../../domain/target.ts';
import type { Server } from '../../drivers/openstack/nova-server.ts';
import type { InventoryDeps } from './deps.ts';
import { describePorts } from './describe-ports.ts';
import { locateVolume } from './locate-volume.ts';

export async function describeTarget(deps: InventoryDeps, target: ResolvedTarget): Promise<DescribedTarget> {
  switch (target.kind) {
    case 'instance': {
      const server = await deps.nova.getServer(target.id);
      const described = await withImageProperties(deps, server.description);
      const description = { ...described, ports: await describePorts(deps, described) };
      const { id: sourceId, name: sourceName, projectId } = description;
      return {
        instance: description,
        sourceId,
        sourceName,
        projectId,
        disks: await describeInstanceDisks(deps, server),
      };
    }
    case 'volume': {
      const disk = await describeVolume(deps, target.id, undefined);
      return { sourceId: target.id, sourceName: target.name, projectId: target.projectId, disks: [disk] };
    }
    case 'image': {
      const { location } = target;
      const disk: Disk = { key: imageDiskKey(location), kind: 'image', location };
      return {
        sourceId: `${location.cluster}/${formatLocation(location)}`,
        sourceName: formatLocation(location),
        projectId: null,
        disks: [disk],
      };
    }
  }
}

/** What Glance still says of the guest's needs; a volume made of the root disk has to say the same. */
async function withImageProperties(
  { glance }: InventoryDeps,
  description: InstanceDescription,
): Promise<InstanceDescription> {
  const { imageId } = description;
  if (imageId === undefined || glance === undefined) return description;
  try {
    const { properties } = await glance.getImage(imageId);
    const entries = Object.entries(properties).filter(([key]) => /^(hw|os|img|trait)[_:]/.test(key));
    return { ...description, imageProperties: Object.fromEntries(entries) };
  } catch (error) {
    // The image may be gone, which is no reason not to back up what was made of it.
    if (error instanceof AppError && error.code === 'NOTFOUND_IMAGE') return description;
    throw error;
  }
}

/** Nova's own disks first, then the attached volumes, the root before the others. */
export async function describeInstanceDisks(deps: InventoryDeps, server: Server): Promise<Disk[]> {
  const attachments = await deps.nova.describeAttachments(server);
  const volumes = await Promise.all(
    attachments.map(({ volumeId, attachment }) => describeVolume(deps, volumeId, attachment)),
  );
  const local =
    server.description.imageId === undefined ? [] : await describeNovaDisks(deps, server.description);
  return [...local, ...volumes];
}

/**
 * Nova names its images `<instance id>_disk` and `<instance id>_disk.eph0` (nova/virt/libvirt/imagebackend.py); the
 * config drive is made anew at each boot, and swap holds nothing to keep.
 */
async function describeNovaDisks(
  { rbd, placement }: InventoryDeps,
  instance: InstanceDescription,
): Promise<Disk[]> {
  const { cluster, pool } = placement.novaPool;
  const prefix = `${instance.id}_disk`;
  const images = (await rbd.listImages(cluster, pool)).filter(
    (image) => image === prefix || image.startsWith(`${prefix}.eph`) || image === `${prefix}.local`,
  );
  if (!images.includes(prefix)) {
    throw new AppError(
      'CONFLICT_LOCAL_DISK',
      `instance ${instance.name} (${instance.id}) boots from a disk of Nova's own that is not in pool ${pool}: its compute host keeps disks elsewhere, which cannot be backed up`,
    );
  }
  return images.map((image) => ({
    key: novaDiskKey(image),
    kind: 'nova-disk',
    location: { cluster, pool, image },
    attachment: { instanceId: instance.id, deleteOnTermination: true, isRoot: image === prefix },
  }));
}

async function describeVolume(
  { cinder, placement }: InventoryDeps,
  volumeId: string,
  attachment: AttachmentDescription | undefined,
): Promise<Disk> {
  const volume = await cinder.getVolume(volumeId);
  return {
    key: volumeDiskKey(volumeId),
    kind: 'volume',
    location: locateVolume(placement, volume),
    volume: volume.description,
    ...(attachment === undefined ? {} : { attachment }),
  };
}
