/** The parts of a policy, the same in requests and in answers; null says that there is none. */
import { windowEnds } from '../../../domain/schedule.ts';
import { keepSchema } from '../schemas/expiration-request.ts';
import { z } from '../zod.ts';

const timeZone = z
  .string()
  .min(1)
  .max(64)
  .openapi({ description: 'Name of the tz database; UTC when left out.', example: 'Europe/Berlin' });

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'must be a time of day, such as 22:00' })
  .openapi({ example: '22:00' });

export const scheduleSchema = z
  .strictObject({
    cron: z.string().max(200).optional().openapi({
      description: 'Five fields: minute, hour, day of month, month, day of week.',
      example: '0 2 * * *',
    }),
    time_zone: timeZone.optional(),
    every: z
      .string()
      .regex(/^[1-9]\d{0,5}[mhd]$/, {
        error: 'must be a number of minutes, hours or days, such as 30m, 6h or 1d',
      })
      .optional()
      .openapi({ description: 'Counted from midnight UTC of 1970-01-01.', example: '6h' }),
  })
  .refine(({ cron, every }) => (cron === undefined) !== (every === undefined), {
    error: 'must have exactly one of cron, every',
  })
  .refine(({ every, time_zone }) => every === undefined || time_zone === undefined, {
    error: 'takes no time_zone beside every',
  });

export const cycleSchema = z
  .strictObject({
    increments: z.int().min(0).optional().openapi({ description: 'Increments after a full.' }),
    days: z.int().min(0).optional().openapi({ description: 'Greatest age of a full, days.' }),
    forever: z.literal(true).optional().openapi({ description: 'One full, and increments for ever.' }),
  })
  .refine(
    ({ increments, days, forever }) =>
      (forever === undefined) !== (increments === undefined && days === undefined),
    { error: 'must have increments, days or both, or else forever' },
  )
  .nullable()
  .openapi({ description: 'null: what the service is configured for.' });

export const retentionSchema = z
  .strictObject({
    keep: keepSchema.optional(),
    strategy: z.enum(['fold', 'chains']).optional().openapi({
      description: 'fold deletes any point; chains only whole chains. fold when left out.',
    }),
    cycles: z.int().min(1).max(1000).optional().openapi({
      description: 'Whole chains go once all of their points are older than so many cycles.',
    }),
  })
  .refine(({ keep, cycles }) => (keep === undefined) !== (cycles === undefined), {
    error: 'must have exactly one of keep, cycles',
  })
  .nullable()
  .openapi({ description: 'null: every point stays.' });

export const windowSchema = z
  .strictObject({
    start: timeOfDay,
    end: timeOfDay,
    time_zone: timeZone.optional(),
    at_end: z.enum(windowEnds).optional().openapi({
      description:
        'What becomes of a backup that still runs when the window closes; `finish` when left out. One that has not begun is ended and begins when it opens again.',
    }),
  })
  .nullable()
  .openapi({ description: 'In which a run may begin; null: at any time.' });

export const spreadSchema = z.int().min(0).max(1440).openapi({
  description: 'Runs of different sources begin within so many minutes, each always at its own.',
});

export const bandwidthSchema = z.int().min(1).max(1_000_000).nullable().openapi({
  description: 'MiB a second that the backup of one source may read; null: as fast as the service may.',
});

export const storeSchema = z.string().min(1).max(255).nullable().openapi({
  description: 'Name of the store that its backups go to; null: the default one.',
});

export const consistencySchema = z.enum(['crash', 'paused']).openapi({
  description: 'paused: the instance stands still while its disks are snapshotted.',
});
