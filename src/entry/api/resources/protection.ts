import { protectionCodes, protectionStates, type Protection } from '../../../domain/protection.ts';
import { timestamp } from '../schemas/common.ts';
import { presentParams, saidParams } from '../schemas/said-params.ts';
import { z } from '../zod.ts';

export const protectionState = z.enum(protectionStates);

export const protectionSchema = z
  .strictObject({
    state: protectionState.openapi({
      description: "`stale`: the newest good point is older than its policy's interval allows.",
    }),
    reason: z.string().openapi({ description: 'In English.' }),
    code: z.enum(protectionCodes).openapi({ description: 'What the reason says.' }),
    params: saidParams,
    policy: z.string().nullable().openapi({ description: 'Name of the policy that makes its points.' }),
    next_run_at: timestamp.nullable().openapi({ description: 'When that policy backs it up next.' }),
    stale_at: timestamp.nullable().openapi({
      description: 'When its newest good point becomes, or became, too old; null without one.',
    }),
  })
  .openapi('Protection');

export const lastPointSchema = z.strictObject({ id: z.string(), taken_at: timestamp }).nullable();

export function presentProtection(protection: Protection): z.input<typeof protectionSchema> {
  const { state, reason, code, params, policy, nextRunAt, staleAt } = protection;
  return {
    state,
    reason,
    code,
    params: presentParams(params),
    policy: policy ?? null,
    next_run_at: nextRunAt?.toISOString() ?? null,
    stale_at: staleAt?.toISOString() ?? null,
  };
}

export function presentLastPoint(
  point: { id: string; takenAt: Date } | undefined,
): z.input<typeof lastPointSchema> {
  return point === undefined ? null : { id: point.id, taken_at: point.takenAt.toISOString() };
}
