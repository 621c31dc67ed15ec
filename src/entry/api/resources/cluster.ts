import type { ImageSummary, PoolSummary, SnapshotSummary } from '../../../workflows/operations.ts';
import { bytes, timestamp } from '../schemas/common.ts';
import { z } from '../zod.ts';

export const poolSchema = z
  .strictObject({
    cluster: z.string(),
    pool: z.string(),
    images: z.number().int().min(0),
    used_bytes: bytes,
    available_bytes: bytes,
  })
  .openapi('Pool');

export const imageSchema = z
  .strictObject({
    cluster: z.string(),
    pool: z.string(),
    image: z.string(),
    image_id: z.string(),
    size_bytes: bytes,
    snapshots: z.number().int().min(0),
    watchers: z.number().int().min(0),
    disk_key: z.string(),
  })
  .openapi('Image');

export const snapshotSchema = z
  .strictObject({
    id: z.number().int(),
    name: z.string(),
    size_bytes: bytes,
    created_at: timestamp.nullable(),
    protected: z.boolean(),
    ours: z.boolean().openapi({ description: 'Taken by this service.' }),
  })
  .openapi('Snapshot');

export function presentPool(pool: PoolSummary): z.input<typeof poolSchema> {
  return {
    cluster: pool.cluster,
    pool: pool.pool,
    images: pool.images,
    used_bytes: pool.usedBytes,
    available_bytes: pool.availableBytes,
  };
}

export function presentImage(image: ImageSummary): z.input<typeof imageSchema> {
  return {
    cluster: image.cluster,
    pool: image.pool,
    image: image.image,
    image_id: image.imageId,
    size_bytes: image.sizeBytes,
    snapshots: image.snapshots,
    watchers: image.watchers,
    disk_key: image.diskKey,
  };
}

export function presentSnapshot(snapshot: SnapshotSummary): z.input<typeof snapshotSchema> {
  return {
    id: snapshot.id,
    name: snapshot.name,
    size_bytes: snapshot.sizeBytes,
    created_at: snapshot.createdAt?.toISOString() ?? null,
    protected: snapshot.protected,
    ours: snapshot.ours,
  };
}
