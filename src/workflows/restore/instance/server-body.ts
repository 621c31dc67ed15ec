import { AppError } from '../../../base/errors.ts';
import type { InstanceDescription } from '../../../domain/instance.ts';
import { restoreMark } from '../deps.ts';
import type { RestoreDiskPlan } from '../plan.ts';
import type { InstancePlan } from './plan.ts';

/** The body of Nova's POST /servers, all but the key's name. User data is taken from the manifest, never from a plan. */
export function serverBody(
  recorded: InstanceDescription,
  plan: InstancePlan,
  disks: readonly RestoreDiskPlan[],
  { restoreId, portIds }: { restoreId: string; portIds: readonly string[] },
): Record<string, unknown> {
  return {
    name: plan.name,
    flavorRef: plan.flavorId,
    // Ports bring their security groups along.
    networks: portIds.length === 0 ? 'none' : portIds.map((port) => ({ port })),
    block_device_mapping_v2: blockDevices(disks),
    metadata: { ...recorded.metadata, [restoreMark]: restoreId },
    tags: recorded.tags,
    config_drive: recorded.configDrive ?? false,
    ...(recorded.description === undefined ? {} : { description: recorded.description }),
    ...(recorded.userData === undefined ? {} : { user_data: recorded.userData }),
    ...(plan.availabilityZone === undefined ? {} : { availability_zone: plan.availabilityZone }),
  };
}

/** The root first, then by device, so that a hypervisor that names devices itself names them alike. */
function blockDevices(disks: readonly RestoreDiskPlan[]): Record<string, unknown>[] {
  return disks.toSorted(byBootOrder).map(({ disk, volume }) => {
    const { attachment } = disk;
    if (volume?.newVolumeId === undefined)
      throw new AppError('BUG_MISSING', `${disk.key} has no volume to boot with`);
    return {
      uuid: volume.newVolumeId,
      source_type: 'volume',
      destination_type: 'volume',
      boot_index: attachment?.isRoot === true ? 0 : (attachment?.bootIndex ?? -1),
      delete_on_termination: attachment?.deleteOnTermination ?? false,
      ...(attachment?.device === undefined ? {} : { device_name: attachment.device }),
      ...(attachment?.tag === undefined ? {} : { tag: attachment.tag }),
    };
  });
}

function byBootOrder({ disk: one }: RestoreDiskPlan, { disk: other }: RestoreDiskPlan): number {
  const isRoot = Number(other.attachment?.isRoot ?? false) - Number(one.attachment?.isRoot ?? false);
  if (isRoot !== 0) return isRoot;
  const [device = '', otherDevice = ''] = [one.attachment?.device, other.attachment?.device];
  // `vdz` comes before `vdaa`; a disk without a device after all others.
  if (device === '' || otherDevice === '') return Number(device === '') - Number(otherDevice === '');
  return device.length - otherDevice.length || (device < otherDevice ? -1 : 1);
}
