import type { Requester } from '../../../domain/job.ts';
import { z } from '../zod.ts';

/** Who did something; from which project is not the owner's business (I7). */
export const requesterSchema = z
  .strictObject({ user_id: z.string(), user_name: z.string() })
  .openapi('Requester');

export function presentRequester({ userId, userName }: Requester): z.input<typeof requesterSchema> {
  return { user_id: userId, user_name: userName };
}
