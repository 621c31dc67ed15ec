import type { z } from 'zod';
import { badAnswer } from './http-error.ts';
import type { HttpResponse } from './request.ts';

/** The body as the schema reads it; throws OPENSTACK_BAD_ANSWER naming the field that is not as the API promises. */
export function readAnswer<T>(schema: z.ZodType<T>, response: HttpResponse): T {
  return readRow(schema, response.body, response);
}

/** One row of a list in an answer. */
export function readRow<T>(schema: z.ZodType<T>, row: unknown, response: Pick<HttpResponse, 'label'>): T {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue === undefined ? 'the body' : issue.path.join('.') || 'the body';
  // The issue, never the row: user data and metadata may hold secrets (I10).
  throw badAnswer(response.label, `an unexpected "${field}" (${issue?.message ?? 'unreadable'})`);
}
