import type { RetentionRules } from '../../../domain/retention.ts';
import { z } from '../zod.ts';
import { flag, nameOrId, uuid } from './common.ts';

const count = z.int().min(1).optional();

export const keepSchema = z
  .strictObject({
    last: count.openapi({ description: 'The newest points.' }),
    hourly: count.openapi({ description: 'The newest point of so many hours (UTC) that have one.' }),
    daily: count,
    weekly: count,
    monthly: count,
    yearly: count,
    within_days: count.openapi({ description: 'Every point that is not older, days.' }),
  })
  .openapi({
    description:
      'Which points stay, instead of what the service is configured for. The newest complete one always does.',
  });

export function rulesOf(keep: z.output<typeof keepSchema> | undefined): RetentionRules {
  return {
    keepLast: keep?.last,
    keepHourly: keep?.hourly,
    keepDaily: keep?.daily,
    keepWeekly: keep?.weekly,
    keepMonthly: keep?.monthly,
    keepYearly: keep?.yearly,
    keepWithinDays: keep?.within_days,
  };
}

const selectors = ['source', 'all', 'points'] as const;

export const expirationBody = z
  .strictObject({
    source: nameOrId.optional().openapi({
      description: 'Name or id of an instance or volume, or CLUSTER/POOL/IMAGE, that has points.',
    }),
    all: z.literal(true).optional().openapi({ description: 'Every source there is. Administrators only.' }),
    points: z.array(uuid).min(1).max(1000).optional().openapi({ description: 'Exactly these points.' }),
    store: nameOrId.optional().openapi({
      description: 'Only what is in this store, by name or id; else what is in any, each store by itself.',
    }),
    keep: keepSchema.optional(),
    strategy: z.enum(['fold', 'chains']).default('fold').openapi({
      description:
        'fold deletes any point and folds links that later ones stand on; chains only deletes whole chains.',
    }),
    allow_newest: z
      .boolean()
      .default(false)
      .openapi({ description: 'The newest complete point of a source may go when it is among `points`.' }),
    dry_run: z.boolean().default(false).openapi({ description: 'Only say what would go.' }),
  })
  .refine((body) => selectors.filter((key) => body[key] !== undefined).length === 1, {
    error: `must name exactly one of ${selectors.join(', ')}`,
  })
  .refine((body) => body.points === undefined || body.keep === undefined, {
    error: 'takes no "keep" when points are named',
  })
  .openapi('ExpirationRequest');

export const pointDeletionQuery = z.strictObject({
  dry_run: flag.openapi({ type: 'string', enum: ['true', 'false'] }),
  allow_newest: flag.openapi({
    type: 'string',
    enum: ['true', 'false'],
    description: 'Delete it also when it is the newest complete point of its source.',
  }),
});
