import { z } from 'zod';
import type { AttachmentDescription } from '../../domain/disk.ts';
import type { Server } from './nova-server.ts';

/** A volume on a server. */
export interface VolumeAttachment {
  volumeId: string;
  serverId: string;
  /** Nova's name for the device; libvirt may have chosen another. */
  device: string | undefined;
  tag: string | undefined;
  deleteOnTermination: boolean;
  /** Cinder's attachment and Nova's block device mapping; compute >= 2.89 only. */
  attachmentId: string | undefined;
  bdmUuid: string | undefined;
}

/** A row of GET /servers/{id}/os-volume_attachments: 2.89 dropped `id` and added the last two. */
const rowSchema = z
  .object({
    volumeId: z.string(),
    serverId: z.string(),
    device: z.string().nullish(),
    tag: z.string().nullish(),
    delete_on_termination: z.boolean().nullish(),
    attachment_id: z.string().nullish(),
    bdm_uuid: z.string().nullish(),
  })
  .transform((row): VolumeAttachment => ({
    volumeId: row.volumeId,
    serverId: row.serverId,
    device: row.device ?? undefined,
    tag: row.tag ?? undefined,
    deleteOnTermination: row.delete_on_termination ?? false,
    attachmentId: row.attachment_id ?? undefined,
    bdmUuid: row.bdm_uuid ?? undefined,
  }));

export const attachmentsSchema = z
  .object({ volumeAttachments: z.array(rowSchema) })
  .transform(({ volumeAttachments }) => volumeAttachments);

export const attachmentSchema = z
  .object({ volumeAttachment: rowSchema })
  .transform(({ volumeAttachment }) => volumeAttachment);

/**
 * How a volume hangs on its server. The API shows no boot index: the root device has 0, the others are unknown. Only
 * an admin sees the root device's name; for others it is the first device of a server that boots from no image.
 */
export function describeAttachment(
  server: Pick<Server, 'description' | 'rootDeviceName'>,
  attachment: VolumeAttachment,
): AttachmentDescription {
  const { device, tag } = attachment;
  const isRoot =
    server.rootDeviceName === undefined
      ? server.description.imageId === undefined && /^\/dev\/[a-z]+a$/.test(device ?? '')
      : server.rootDeviceName === device;
  return {
    instanceId: attachment.serverId,
    ...(device === undefined ? {} : { device }),
    ...(tag === undefined ? {} : { tag }),
    deleteOnTermination: attachment.deleteOnTermination,
    isRoot,
    ...(isRoot ? { bootIndex: 0 } : {}),
  };
}
