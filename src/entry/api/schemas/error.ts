import { z } from '../zod.ts';

export const errorSchema = z
  .strictObject({
    error: z.strictObject({
      code: z.number().int().openapi({ description: 'The HTTP status.' }),
      title: z.string(),
      message: z.string().openapi({ description: 'What is wrong and what to do.' }),
      type: z.string().openapi({ description: 'Stable code, such as NOTFOUND_RESOURCE.' }),
      details: z.record(z.string(), z.unknown()),
      request_id: z.string(),
    }),
  })
  .openapi('Error');
