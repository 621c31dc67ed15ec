import { protectionStates, type Protection } from '../../../domain/protection.ts';
import { timestamp } from '../schemas/common.ts';
import { z } from '../zod.ts';

export const protectionState = z.enum(protectionStates);

export const protectionSchema = z
  .strictObject({
    state: protectionState.openapi({
      description: "`stale`: the newest good point is older than its policy's interval allows.",
    }),
    reason: z.string(),
    policy: z.string().nullable().openapi({ description: 'Name of the policy that makes its points.' }),
  })
  .openapi('Protection');

export const lastPointSchema = z.strictObject({ id: z.string(), taken_at: timestamp }).nullable();

export function presentProtection({ state, reason, policy }: Protection): z.input<typeof protectionSchema> {
  return { state, reason, policy: policy ?? null };
}

export function presentLastPoint(
  point: { id: string; takenAt: Date } | undefined,
): z.input<typeof lastPointSchema> {
  return point === undefined ? null : { id: point.id, taken_at: point.takenAt.toISOString() };
}
