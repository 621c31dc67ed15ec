import type { Disk } from '../../../domain/disk.ts';
import { bytes, orNull } from '../schemas/common.ts';
import { z } from '../zod.ts';

const stringMap = z.record(z.string(), z.string());

const volumeSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    project_id: z.string(),
    size_gib: z.number(),
    volume_type: z.string().nullable(),
    host: z.string().nullable().openapi({ description: 'Administrators only.' }),
    availability_zone: z.string().nullable(),
    bootable: z.boolean(),
    encrypted: z.boolean(),
    multiattach: z.boolean(),
    metadata: stringMap,
    image_metadata: stringMap,
  })
  .openapi('Volume');

const attachmentSchema = z
  .strictObject({
    instance_id: z.string(),
    device: z.string().nullable(),
    tag: z.string().nullable(),
    delete_on_termination: z.boolean(),
    is_root: z.boolean(),
    boot_index: z.number().int().nullable(),
  })
  .openapi('Attachment');

export const diskSchema = z
  .strictObject({
    key: z.string(),
    kind: z.enum(['volume', 'nova-disk', 'image']),
    cluster: z.string(),
    pool: z.string(),
    image: z.string(),
    size_bytes: bytes.nullable(),
    volume: orNull(volumeSchema),
    attachment: orNull(attachmentSchema),
  })
  .openapi('Disk');

/** Hosts and backends are shown to administrators only, as Nova and Cinder do (I7). */
export function presentDisk(
  disk: Disk,
  sizeBytes: number | undefined,
  isAdmin: boolean,
): z.input<typeof diskSchema> {
  const { volume, attachment } = disk;
  return {
    key: disk.key,
    kind: disk.kind,
    cluster: disk.location.cluster,
    pool: disk.location.pool,
    image: disk.location.image,
    size_bytes: sizeBytes ?? null,
    volume:
      volume === undefined
        ? null
        : {
            id: volume.id,
            name: volume.name,
            description: volume.description ?? null,
            project_id: volume.projectId,
            size_gib: volume.sizeGib,
            volume_type: volume.volumeType ?? null,
            host: (isAdmin ? volume.host : undefined) ?? null,
            availability_zone: volume.availabilityZone ?? null,
            bootable: volume.bootable,
            encrypted: volume.encrypted,
            multiattach: volume.multiattach,
            metadata: volume.metadata,
            image_metadata: volume.imageMetadata,
          },
    attachment:
      attachment === undefined
        ? null
        : {
            instance_id: attachment.instanceId,
            device: attachment.device ?? null,
            tag: attachment.tag ?? null,
            delete_on_termination: attachment.deleteOnTermination,
            is_root: attachment.isRoot,
            boot_index: attachment.bootIndex ?? null,
          },
  };
}
