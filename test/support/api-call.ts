import assert from 'node:assert/strict';
import { z } from 'zod';
import type { ErrorBody } from '../../src/entry/api/error-response.ts';
import type { OpenApiDocument } from '../../src/entry/api/openapi-document.ts';
import type { FakeService } from './fake-service.ts';

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

export interface CallOptions {
  /** `member` by default; empty for none. */
  token?: string;
  /** Text is sent as it is, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** Calls the service over HTTP and checks that every answer is what the OpenAPI document says of it. */
export async function callApi<T = ErrorBody>(
  { url, api }: Pick<FakeService, 'url' | 'api'>,
  method: string,
  path: string,
  { token = 'member', body, headers = {} }: CallOptions = {},
): Promise<Answer<T>> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token === '' ? {} : { 'x-auth-token': token }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const answer = {
    status: response.status,
    headers: response.headers,
    body: JSON.parse(await response.text()) as T,
  };
  checkAnswer(api.document, method, path, answer);
  return answer;
}

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

interface DescribedResponse {
  content: Record<string, { schema: object }>;
}
type Paths = Record<string, Record<string, { responses: Record<string, DescribedResponse> }>>;

export function checkAnswer(
  document: OpenApiDocument,
  method: string,
  path: string,
  answer: Answer<unknown>,
): void {
  const pathname = path.split('?')[0] ?? '';
  const { status, body } = answer;
  if (!pathname.startsWith('/v1/') && status < 400) return;
  const responses = describedResponses(document, method, pathname);
  const described = responses[String(status)] ?? (status >= 400 ? responses['default'] : undefined);
  if (status < 400) assert.ok(described, `${method} ${path}: ${status} is not described`);
  const schema = described?.content['application/json']?.schema ?? { $ref: '#/components/schemas/Error' };
  parserOf(document, schema).parse(body);
}

const parsers = new Map<string, z.ZodType>();

/** Made once for each schema: that takes longer than most calls. */
function parserOf(document: OpenApiDocument, schema: object): z.ZodType {
  const key = `${document.info.version} ${JSON.stringify(schema)}`;
  const known = parsers.get(key);
  if (known !== undefined) return known;
  const complete = JSON.stringify({ ...schema, $defs: document.components?.schemas });
  const json = JSON.parse(complete.replaceAll('#/components/schemas/', '#/$defs/')) as JsonSchema;
  const parser = z.fromJSONSchema(json);
  parsers.set(key, parser);
  return parser;
}

function describedResponses(
  { paths }: OpenApiDocument,
  method: string,
  pathname: string,
): Record<string, DescribedResponse> {
  const [, operations] =
    Object.entries(paths as unknown as Paths).find(([template]) =>
      new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
    ) ?? [];
  return operations?.[method.toLowerCase()]?.responses ?? {};
}

export function assertError(answer: Answer<unknown>, status: number, type: string, message: RegExp): void {
  const { error } = answer.body as ErrorBody;
  assert.equal(answer.status, status);
  assert.equal(error.code, status);
  assert.equal(error.type, type);
  assert.match(error.message, message);
  assert.equal(error.request_id, answer.headers.get('x-openstack-request-id'));
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
}
