import type { OpenAPIRegistry, RouteConfig } from '@asteasolutions/zod-to-openapi';
import type { Request, Response, Router } from 'express';
import { AppError } from '../../base/errors.ts';
import type { Caller } from '../../domain/access.ts';
import { callerOf, requestIdOf } from './request-context.ts';
import { errorSchema } from './schemas/error.ts';
import { validate } from './validate.ts';
import { z } from './zod.ts';

const nothing = z.strictObject({});
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
      const result = await definition.handle(readRequest(definition, http, response));
      response.status(status).json(checkResponse(definition.operationId, definition.response, result));
    },
  );
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
