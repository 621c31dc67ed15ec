import type { Expiration } from '../../../domain/expiration.ts';
import { bytes, timestamp } from '../schemas/common.ts';
import { z } from '../zod.ts';
import { jobSchema, presentJob } from './job.ts';
import { pointKind } from './point.ts';

const expirationPointSchema = z
  .strictObject({
    id: z.string(),
    taken_at: timestamp,
    state: z.enum(['complete', 'damaged', 'deleted']),
    goes: z.boolean(),
    reasons: z.array(z.string()).openapi({ description: 'Why it stays; empty when it goes.' }),
  })
  .openapi('ExpirationPoint');

export const expirationSchema = z
  .strictObject({
    kind: pointKind,
    source_id: z.string(),
    source_name: z.string(),
    project_id: z.string().nullable(),
    store_id: z.string(),
    store: z.string().nullable().openapi({ description: 'Its name; null when the service has it no more.' }),
    points: z
      .array(expirationPointSchema)
      .openapi({ description: 'All points of the source in the store, newest first.' }),
    frees_at_least_bytes: bytes.openapi({ description: 'Links that nothing stands on: known exactly.' }),
    frees_at_most_bytes: bytes.openapi({
      description: 'And the links that are folded into later ones, if nothing in them lives on.',
    }),
    needs_at_most_bytes: bytes.openapi({ description: 'More than now, while links are folded.' }),
    notes: z.array(z.string()),
    job: z
      .union([jobSchema, z.null()])
      .openapi({ description: 'null in a dry run, and when there is nothing to do.' }),
  })
  .openapi('Expiration');

export function presentExpiration(
  expiration: Expiration,
  isAdmin: boolean,
): z.input<typeof expirationSchema> {
  return {
    kind: expiration.kind,
    source_id: expiration.sourceId,
    source_name: expiration.sourceName,
    project_id: expiration.projectId,
    store_id: expiration.storeId,
    store: expiration.store,
    points: expiration.points.map(({ id, takenAt, state, goes, reasons }) => ({
      id,
      taken_at: takenAt.toISOString(),
      state,
      goes,
      reasons,
    })),
    frees_at_least_bytes: expiration.freesAtLeastBytes,
    frees_at_most_bytes: expiration.freesAtMostBytes,
    needs_at_most_bytes: expiration.needsAtMostBytes,
    notes: expiration.notes,
    job: expiration.job === null ? null : presentJob(expiration.job, isAdmin),
  };
}
