import type { PointDetail, PointLink } from '../../../workflows/operations.ts';
import { bytes, orNull } from '../schemas/common.ts';
import { z } from '../zod.ts';
import { diskSchema, presentDisk } from './disk.ts';
import { instanceDescriptionSchema, presentInstanceDescription } from './instance.ts';
import { pointSchema, presentPoint } from './point.ts';

const linkSchema = z
  .strictObject({
    id: z.string(),
    disk_key: z.string(),
    kind: z.enum(['full', 'increment']),
    chain_id: z.string(),
    parent_link_id: z.string().nullable(),
    depth: z.number().int().min(0),
    image: z.string(),
    snapshot: z.string(),
    size_bytes: bytes,
    stored_bytes: bytes,
    data_bytes: bytes,
    store: z.string(),
  })
  .openapi('Link');

export const pointDetailSchema = pointSchema
  .omit({ disks: true })
  .extend({
    store_id: z.string(),
    spread_ms: z.number().openapi({ description: 'Time between the first and the last snapshot.' }),
    paused_ms: z
      .number()
      .nullable()
      .openapi({ description: 'How long the backup had the instance paused; null when it had not.' }),
    instance: orNull(instanceDescriptionSchema),
    disks: z.array(diskSchema),
    links: z.array(linkSchema),
  })
  .openapi('PointDetail');

export function presentPointDetail(point: PointDetail, isAdmin: boolean): z.input<typeof pointDetailSchema> {
  const { manifest } = point;
  return {
    ...presentPoint(point),
    store_id: manifest.storeId,
    spread_ms: manifest.spreadMs,
    paused_ms: manifest.pausedMs ?? null,
    instance: manifest.instance === undefined ? null : presentInstanceDescription(manifest.instance, isAdmin),
    disks: manifest.disks.map(({ disk, sizeBytes }) => presentDisk(disk, sizeBytes, isAdmin)),
    links: point.links.map(presentLink),
  };
}

function presentLink(link: PointLink): z.input<typeof linkSchema> {
  return {
    id: link.linkId,
    disk_key: link.diskKey,
    kind: link.kind,
    chain_id: link.chainId,
    parent_link_id: link.parentLinkId,
    depth: link.depth,
    image: link.image,
    snapshot: link.snapshot,
    size_bytes: link.sizeBytes,
    stored_bytes: link.storedBytes,
    data_bytes: link.dataBytes,
    store: link.store,
  };
}
