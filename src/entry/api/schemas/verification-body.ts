import { verificationLevels } from '../../../domain/verification.ts';
import { z } from '../zod.ts';
import { nameOrId, uuid } from './common.ts';

export const verificationBody = z
  .strictObject({
    target: z
      .strictObject({
        point: uuid.optional(),
        source: nameOrId.optional().openapi({
          description: 'Name or id of an instance or volume, or CLUSTER/POOL/IMAGE: all its points.',
        }),
        all: z.literal(true).optional().openapi({ description: 'All points that the caller may restore.' }),
      })
      .refine((target) => Object.values(target).filter((value) => value !== undefined).length === 1, {
        error: 'must name exactly one of point, source, all',
      }),
    level: z
      .enum(verificationLevels)
      .default('full')
      .openapi({
        description:
          'quick: manifests, indexes, presence and sizes; full: also the bytes of every segment; ' +
          'deep: a restore into a scratch image, compared with the store and the source.',
      }),
  })
  .openapi('VerificationRequest');
