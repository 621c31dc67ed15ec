import type { PointSummary } from '../../../workflows/operations.ts';
import { verificationLevels, verificationOutcomes } from '../../../domain/verification.ts';
import { bytes, timestamp } from '../schemas/common.ts';
import { z } from '../zod.ts';

export const pointKind = z.enum(['instance', 'volume', 'image']);

export const pointSchema = z
  .strictObject({
    id: z.string(),
    kind: pointKind,
    source_id: z.string(),
    source_name: z.string(),
    project_id: z.string().nullable(),
    taken_at: timestamp,
    state: z.enum(['complete', 'damaged', 'deleted']),
    type: z.enum(['full', 'increment', 'mixed']),
    consistency: z.string(),
    disks: z.number().int().min(0).openapi({ description: 'Number of disks.' }),
    size_bytes: bytes,
    stored_bytes: bytes,
    store: z
      .string()
      .openapi({ description: 'Name of the store that it is in; an id when the service has it no more.' }),
    last_verified: z
      .strictObject({
        at: timestamp,
        level: z.enum(verificationLevels),
        outcome: z.enum(verificationOutcomes),
      })
      .nullable(),
    last_proven: timestamp
      .nullable()
      .openapi({ description: 'When a restore of it last was the same as the store.' }),
  })
  .openapi('Point');

export function presentPoint(point: PointSummary): z.input<typeof pointSchema> {
  return {
    id: point.id,
    kind: point.kind,
    source_id: point.sourceId,
    source_name: point.sourceName,
    project_id: point.projectId,
    taken_at: point.takenAt.toISOString(),
    state: point.state,
    type: point.type,
    consistency: point.consistency,
    disks: point.disks,
    size_bytes: point.sizeBytes,
    stored_bytes: point.storedBytes,
    store: point.store,
    last_verified:
      point.lastVerified === undefined
        ? null
        : { ...point.lastVerified, at: point.lastVerified.at.toISOString() },
    last_proven: point.lastProvenAt?.toISOString() ?? null,
  };
}
