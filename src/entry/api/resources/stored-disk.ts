import type { DiskRow } from '../../../drivers/catalog/disks.ts';
import { bytes, timestamp } from '../schemas/common.ts';
import { z } from '../zod.ts';
import { pointKind } from './point.ts';

const count = z.number().int().min(0);

export const storedDiskSchema = z
  .strictObject({
    key: z.string(),
    cluster: z.string(),
    pool: z.string(),
    image: z.string(),
    size_bytes: bytes.openapi({ description: 'At its newest link.' }),
    links: count,
    stored_bytes: bytes.openapi({ description: 'All of its links together.' }),
    last_point: z
      .strictObject({
        id: z.string(),
        taken_at: timestamp,
        state: z.enum(['complete', 'damaged', 'deleted']),
      })
      .nullable()
      .openapi({ description: 'null when only links are left that other chains or points stand on.' }),
    sources: z
      .array(
        z.strictObject({
          kind: pointKind,
          id: z.string(),
          name: z.string(),
          project_id: z.string().nullable(),
        }),
      )
      .openapi({ description: 'What its points are of, the newest first.' }),
    chains: z
      .array(
        z.strictObject({
          id: z.string(),
          links: count,
          stored_bytes: bytes,
          began_at: timestamp,
          newest_at: timestamp,
          damaged: z.boolean(),
        }),
      )
      .openapi({ description: 'Newest first.' }),
  })
  .openapi('StoredDisk');

export function presentStoredDisk(disk: DiskRow): z.input<typeof storedDiskSchema> {
  const { key, cluster, pool, image, sizeBytes, lastPoint, sources, chains } = disk;
  return {
    key,
    cluster,
    pool,
    image,
    size_bytes: sizeBytes,
    links: chains.reduce((sum, { links }) => sum + links, 0),
    stored_bytes: chains.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    last_point:
      lastPoint === undefined
        ? null
        : { id: lastPoint.id, taken_at: lastPoint.takenAt.toISOString(), state: lastPoint.state },
    sources: sources.map(({ kind, id, name, projectId }) => ({
      kind,
      id,
      name,
      project_id: projectId ?? null,
    })),
    chains: chains.map((chain) => ({
      id: chain.id,
      links: chain.links,
      stored_bytes: chain.storedBytes,
      began_at: chain.beganAt.toISOString(),
      newest_at: chain.newestAt.toISOString(),
      damaged: chain.damaged,
    })),
  };
}
