import { z } from '../zod.ts';

export const maxPageSize = 1000;
export const defaultPageSize = 100;

export const uuid = z.uuid({ error: 'must be a UUID' });

/**
 * Text that a terminal, a log and PostgreSQL can take: without control characters (Unicode's category Cc). The expression
 * needs no flag: the OpenAPI document would have it as part of the pattern, which then matches nothing.
 */
export const line = z.string().regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not hold control characters');

/** A name or an id: anything but nothing. */
export const nameOrId = line.trim().min(1).max(255);

/** An instant with its zone; seconds may have a fraction. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 time with its zone, such as 2026-11-22T10:00:00Z' })
  .openapi({ format: 'date-time' });

/** Times that the service writes: UTC. */
export const timestamp = z.iso
  .datetime()
  .openapi({ format: 'date-time', example: '2026-11-22T10:00:00.000Z' });

/** Numbers of bytes. */
export const bytes = z.number().int().min(0);

export const pageQuery = {
  limit: z.coerce
    .number({ error: 'must be a whole number' })
    .int('must be a whole number')
    .min(1)
    .max(maxPageSize)
    .default(defaultPageSize)
    .openapi({ type: 'integer', minimum: 1, maximum: maxPageSize, default: defaultPageSize }),
  marker: uuid.optional().openapi({ description: 'Id of the last item of the page before.' }),
};

/** Of lists that are few, or are read whole: everything when it is left out. */
export const optionalLimit = pageQuery.limit.unwrap().optional().openapi({
  description: 'Everything when left out.',
});

export const search = line.trim().min(1).max(255).optional().openapi({
  description: 'Part of the name, in upper or lower case.',
});

export const idParams = z.strictObject({ id: uuid });

export const flag = z
  .enum(['true', 'false'])
  .optional()
  .transform((value) => value === 'true');

/** Either, or both when it is left out. */
export const optionalFlag = z
  .enum(['true', 'false'])
  .optional()
  .transform((value) => (value === undefined ? undefined : value === 'true'));

export const optionalInstant = instant
  .optional()
  .transform((text) => (text === undefined ? undefined : new Date(text)));

export interface Sort<F extends string> {
  by: F;
  direction: 'asc' | 'desc';
}

/** `sort=field:direction`, as OpenStack's lists take it. */
export function sortBy<const F extends string>(
  fields: readonly F[],
  description = 'Newest first when left out. What has no value comes last.',
): z.ZodType<Sort<F> | undefined, string | undefined> {
  const all = fields.flatMap((field) => [`${field}:asc`, `${field}:desc`] as const);
  return z
    .enum(all)
    .optional()
    .transform((sort): Sort<F> | undefined => {
      const by = fields.find((field) => sort?.startsWith(`${field}:`));
      if (sort === undefined || by === undefined) return undefined;
      return { by, direction: sort.endsWith(':asc') ? 'asc' : 'desc' };
    })
    .openapi({ description });
}

export const links = z
  .array(z.strictObject({ rel: z.literal('next'), href: z.string() }))
  .openapi({ description: 'Holds the address of the next page; empty on the last one.' });

/** A schema with a name in the document, or null: `nullable()` would describe such a one as both at once. */
export function orNull<S extends z.ZodType>(schema: S): z.ZodUnion<[S, z.ZodNull]> {
  return z.union([schema, z.null()]);
}
