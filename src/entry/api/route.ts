import type { OpenAPIRegistry, RouteConfig } from '@asteasolutions/zod-to-openapi';
import type { Request, Response, Router } from 'express';
import { AppError } from '../../base/errors.ts';
import type { Caller } from '../../domain/access.ts';
import { idempotencyKeyOf, once, type IdempotencyPort } from './idempotency.ts';
import { refusalOf, type OnRefused } from './refusals.ts';
import { callerOf, requestIdOf } from './request-context.ts';
import { errorSchema } from './schemas/error.ts';
import { validate } from './validate.ts';
import { z } from './zod.ts';

const nothing = z.strictObject({});
const keyHeader = z.object({
  'Idempotency-Key': z.string().max(255).optional().openapi({
    description: 'Of a request that may be repeated: within a day the same key gets the same answer.',
  }),
});
type Nothing = typeof nothing;

/** One operation of the API: the schemas here are the only description that there is of it. */
export interface RouteDefinition<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  R extends z.ZodType,
> {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** OpenAPI form: `/v1/points/{id}`. */
  path: string;
  operationId: string;
  summary: string;
  description?: string;
  tag: string;
  params?: P;
  query?: Q;
  body?: B;
  status?: 200 | 202;
  response: R;
  handle(request: RouteRequest<z.output<P>, z.output<Q>, z.output<B>>): Promise<z.input<R>>;
}

export interface RouteRequest<P, Q, B> {
  caller: Caller;
  requestId: string;
  params: P;
  query: Q;
  body: B;
  http: Request;
}

export interface RouteTable {
  registry: OpenAPIRegistry;
  router: Router;
  /** Methods that each path answers, for 405. */
  methods: Map<string, string[]>;
  onRefused?: OnRefused | undefined;
  idempotency?: IdempotencyPort | undefined;
}

/** Registers the operation in the OpenAPI document and serves it, parsing what comes in and what goes out. */
export function route<
  R extends z.ZodType,
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = Nothing,
>(table: RouteTable, definition: RouteDefinition<P, Q, B, R>): void {
  const status = definition.status ?? 200;
  describeRoute(table, definition, {
    [status]: { description: 'Done.', content: { 'application/json': { schema: definition.response } } },
  });
  table.router[definition.method](
    toExpressPath(definition.path),
    async (http: Request, response: Response) => {
      const { body, status: answered } = await answer(table, definition, http, response);
      response.status(answered).json(body);
    },
  );
}

async function answer<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, R extends z.ZodType>(
  { onRefused, idempotency }: RouteTable,
  definition: RouteDefinition<P, Q, B, R>,
  http: Request,
  response: Response,
): Promise<{ status: number; body: unknown }> {
  const request = readRequest(definition, http, response);
  const { caller } = request;
  const { operationId, status = 200 } = definition;
  const run = async (): Promise<z.output<R>> =>
    checkResponse(operationId, definition.response, await definition.handle(request));
  try {
    const key = definition.method === 'post' ? idempotencyKeyOf(http) : undefined;
    if (key === undefined || idempotency === undefined) return { status, body: await run() };
    const keyed = { key, caller, http, response, status };
    return await once(idempotency, keyed, async () => (await run()) as object);
  } catch (error) {
    const refusal = refusalOf(error, operationId, http);
    if (refusal !== undefined) await onRefused?.(caller, refusal);
    throw error;
  }
}

export function describeRoute<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  R extends z.ZodType,
>(
  { registry, methods }: RouteTable,
  definition: Omit<RouteDefinition<P, Q, B, R>, 'handle' | 'response'>,
  responses: RouteConfig['responses'],
): void {
  const { method, path, operationId, summary, tag, description, params, query, body } = definition;
  const expressPath = toExpressPath(path);
  methods.set(expressPath, [...(methods.get(expressPath) ?? []), method.toUpperCase()]);
  registry.registerPath({
    method,
    path,
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    security: [{ token: [] }],
    request: {
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { query }),
      ...(method === 'post' ? { headers: keyHeader } : {}),
      ...(body === undefined
        ? {}
        : { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: {
      ...responses,
      default: { description: 'An error.', content: { 'application/json': { schema: errorSchema } } },
    },
  });
}

export function readRequest<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
  definition: Pick<RouteDefinition<P, Q, B, z.ZodType>, 'params' | 'query' | 'body'>,
  http: Request,
  response: Response,
): RouteRequest<z.output<P>, z.output<Q>, z.output<B>> {
  const caller = callerOf(response);
  if (caller === undefined) throw new AppError('BUG_NO_CALLER', 'a route was reached without authentication');
  return {
    caller,
    requestId: requestIdOf(response),
    params: validate('path', (definition.params ?? nothing) as P, http.params),
    query: validate('query', (definition.query ?? nothing) as Q, http.query),
    body: readBody(definition.body, http),
    http,
  };
}

function readBody<B extends z.ZodType>(schema: B | undefined, http: Request): z.output<B> {
  const body: unknown = http.body;
  if (schema !== undefined && body === undefined) {
    throw http.get('content-type') !== undefined && http.is('json') === false
      ? new AppError('INPUT_MEDIA_TYPE', 'send the body as JSON: Content-Type: application/json')
      : new AppError('INPUT_BODY', 'the body is missing; send a JSON object');
  }
  return validate('body', (schema ?? nothing) as B, body ?? {});
}

function checkResponse<R extends z.ZodType>(operationId: string, schema: R, result: z.input<R>): z.output<R> {
  const parsed = schema.safeParse(result);
  if (parsed.success) return parsed.data;
  throw new AppError('BUG_RESPONSE', `the answer of ${operationId} breaks its own schema`, {
    cause: parsed.error,
  });
}

export function toExpressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}
