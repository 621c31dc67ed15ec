import { z } from 'zod';
import type { VolumeDescription } from '../../domain/disk.ts';

/** A volume as Cinder shows it: what a restore needs to make it again, and the state that it is in now. */
export interface Volume {
  description: VolumeDescription;
  /** available, in-use, creating, error, ... */
  status: string;
  /**
   * The id that names the image when it is not the volume's own: a migration or retype of a volume in use keeps the
   * new image. Admin only.
   */
  nameId: string | undefined;
  /** `volume-<id>` in the backend's pool, as the RBD driver's default volume_name_template has it. */
  imageName: string;
  migrationStatus: string | undefined;
  attachments: {
    serverId: string;
    attachmentId: string;
    device: string | undefined;
    host: string | undefined;
  }[];
  /** Cinder snapshot or volume that it was made of. */
  snapshotId: string | undefined;
  sourceVolumeId: string | undefined;
  createdAt: Date;
}

const textMap = z.record(z.string(), z.string());

/** GET /volumes/{id} and a row of /volumes/detail at volume 3.59 to 3.70; `os-vol-*` are admin only. */
const rawVolume = z.object({
  id: z.string(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  status: z.string(),
  size: z.number(),
  volume_type: z.string().nullish(),
  availability_zone: z.string().nullish(),
  bootable: z.union([z.literal('true'), z.literal('false'), z.boolean()]),
  encrypted: z.boolean().nullish(),
  encryption_key_id: z.string().nullish(),
  multiattach: z.boolean().nullish(),
  metadata: textMap.nullish(),
  volume_image_metadata: textMap.nullish(),
  snapshot_id: z.string().nullish(),
  source_volid: z.string().nullish(),
  created_at: z.string(),
  attachments: z
    .array(
      z.object({
        server_id: z.string(),
        attachment_id: z.string(),
        device: z.string().nullish(),
        host_name: z.string().nullish(),
      }),
    )
    .nullish(),
  'os-vol-host-attr:host': z.string().nullish(),
  'os-vol-tenant-attr:tenant_id': z.string().nullish(),
  'os-vol-mig-status-attr:name_id': z.string().nullish(),
  'os-vol-mig-status-attr:migstat': z.string().nullish(),
});

/** `ownProjectId` is what a volume belongs to when Cinder does not say it: who is not admin sees only its own. */
export function volumeSchema(ownProjectId: string): z.ZodType<Volume> {
  return rawVolume.transform((raw): Volume => {
    const nameId = raw['os-vol-mig-status-attr:name_id'] ?? undefined;
    return {
      description: describe(raw, ownProjectId),
      status: raw.status,
      nameId,
      imageName: `volume-${nameId ?? raw.id}`,
      migrationStatus: raw['os-vol-mig-status-attr:migstat'] ?? undefined,
      attachments: (raw.attachments ?? []).map((row) => ({
        serverId: row.server_id,
        attachmentId: row.attachment_id,
        device: row.device ?? undefined,
        host: row.host_name ?? undefined,
      })),
      snapshotId: raw.snapshot_id ?? undefined,
      sourceVolumeId: raw.source_volid ?? undefined,
      // Cinder's times are UTC without saying so.
      createdAt: new Date(`${raw.created_at.replace(/Z$/, '')}Z`),
    };
  });
}

function describe(raw: z.output<typeof rawVolume>, ownProjectId: string): VolumeDescription {
  const host = raw['os-vol-host-attr:host'];
  return {
    id: raw.id,
    name: raw.name ?? '',
    projectId: raw['os-vol-tenant-attr:tenant_id'] ?? ownProjectId,
    sizeGib: raw.size,
    bootable: raw.bootable === true || raw.bootable === 'true',
    encrypted: raw.encrypted ?? false,
    multiattach: raw.multiattach ?? false,
    metadata: raw.metadata ?? {},
    imageMetadata: raw.volume_image_metadata ?? {},
    ...(isText(raw.description) ? { description: raw.description } : {}),
    ...(isText(raw.volume_type) ? { volumeType: raw.volume_type } : {}),
    ...(isText(host) ? { host } : {}),
    ...(isText(raw.availability_zone) ? { availabilityZone: raw.availability_zone } : {}),
    ...(isText(raw.encryption_key_id) ? { encryptionKeyId: raw.encryption_key_id } : {}),
  };
}

function isText(value: string | null | undefined): value is string {
  return value !== undefined && value !== null && value !== '';
}
