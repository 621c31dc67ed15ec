/** Random requests after an OpenAPI document: some as it says, some nearly, some not at all. The same seed, the same requests. */
import { createHash } from 'node:crypto';
import type { OpenApiDocument } from '../../src/entry/api/openapi-document.ts';
import { anInstance, projectOf, uuidOf } from './fake-cloud.ts';

export interface HostileRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  format?: string;
  minimum?: number;
  maximum?: number;
  additionalProperties?: Schema | boolean;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema?: Schema;
}

interface Described {
  method: string;
  path: string;
  parameters: Parameter[];
  body: Schema | undefined;
}

const texts: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  '\u0000',
  'a\u0000b',
  "' or 1=1 --",
  '"; drop table jobs; --',
  '../../../etc/passwd',
  '..%2f..%2f',
  '%s%n%x',
  '${7*7}',
  '<script>alert(1)</script>',
  'a\r\nSet-Cookie: a=b',
  '\ud800',
  '\u202e',
  'ä'.repeat(128),
  'x'.repeat(300),
  'x'.repeat(5000),
  '9'.repeat(40),
  '1e309',
  '2026-11-22T10:00:00Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59+23:59',
  '-000001-01-01T00:00:00Z',
  '2026-02-30T00:00:00Z',
  'latest',
  '__proto__',
  'constructor',
  'volumes',
  'volumes/a-image',
  'ceph/volumes/a-image',
  'web-01',
  'db-01',
  anInstance('web-01').instance.id,
  anInstance('db-01').instance.id,
  uuidOf('volume data-01'),
  projectOf('demo'),
  projectOf('other'),
  'demo',
  '00000000-0000-4000-8000-000000000000',
  '0 2 * * *',
  '* * * * * *',
  'H H * * *',
  '6h',
  '99999999d',
  'Europe/Berlin',
];
const values: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e308,
  [],
  {},
  [[[[]]]],
  { __proto__: 1 },
];

export class HostileRequests {
  readonly #described: Described[];
  readonly #schemas: Record<string, Schema>;
  readonly #tokens: readonly string[];
  #state: number;

  constructor(document: OpenApiDocument, seed: number, tokens: readonly string[]) {
    this.#schemas = document.components?.schemas ?? {};
    this.#described = describe(document);
    this.#tokens = tokens;
    this.#state = createHash('sha256').update(String(seed)).digest().readUInt32BE();
  }

  next(): HostileRequest {
    const operation = this.#one(this.#described);
    const method = this.#chance(0.03) ? this.#one(['PUT', 'HEAD', 'OPTIONS', 'TRACE']) : operation.method;
    // Streams that would not end are watched elsewhere.
    const token = operation.path.endsWith('/events') ? 'revoked' : this.#one(this.#tokens);
    const headers: Record<string, string> = token === '' ? {} : { 'x-auth-token': token };
    const path = this.#path(operation) + this.#query(operation);
    if (this.#chance(0.1)) headers['x-openstack-request-id'] = this.#headerText();
    if (this.#chance(0.1)) headers['idempotency-key'] = this.#headerText();
    if (this.#chance(0.05)) headers['last-event-id'] = this.#headerText();
    if (this.#chance(0.05)) headers['x-forwarded-for'] = this.#headerText();
    const body = this.#body(operation);
    if (body !== undefined) {
      headers['content-type'] = this.#chance(0.95)
        ? 'application/json'
        : this.#one(['text/plain', 'a/b;c="']);
      headers['content-length'] = String(Buffer.byteLength(body));
    }
    return { method, path, headers, body };
  }

  #path({ path, parameters }: Described): string {
    return path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const schema = parameters.find((each) => each.in === 'path' && each.name === name)?.schema ?? {};
      const value = String(this.#value(schema, 0)).toWellFormed();
      const encoded = encodeURIComponent(value === '' ? 'x' : value);
      return this.#chance(0.03) ? this.#one(['%', '%zz', '%ff%fe', '..', '%00']) : encoded;
    });
  }

  #query({ parameters }: Described): string {
    const search = new URLSearchParams();
    for (const { name, schema = {} } of parameters.filter((each) => each.in === 'query'))
      if (this.#chance(0.3)) search.append(name, textOf(this.#value(schema, 0)).toWellFormed());
    if (this.#chance(0.05)) search.append(this.#one(texts).toWellFormed(), this.#one(texts).toWellFormed());
    const text = search.toString();
    return text === '' ? '' : `?${text}`;
  }

  #body({ body, method }: Described): string | undefined {
    if (body === undefined) return method === 'GET' || this.#chance(0.9) ? undefined : '{"a":1}';
    if (this.#chance(0.03)) return this.#one(['', '{', '[]', 'null', '"x"', '{"a":'.repeat(500), '[1,2']);
    return JSON.stringify(this.#value(body, 0));
  }

  #headerText(): string {
    const text = this.#chance(0.5) ? `req-${uuidOf(String(this.#random()))}` : this.#one(texts);
    return text.replaceAll(/[^\x20-\x7e]/g, '?');
  }

  #value(schema: Schema, depth: number): unknown {
    if (this.#chance(0.06)) return this.#chance(0.6) ? this.#one(texts) : this.#one(values);
    if (depth > 6) return null;
    if (schema.$ref !== undefined)
      return this.#value(this.#schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, depth + 1);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) return this.#value(this.#one(choices), depth + 1);
    if (schema.allOf !== undefined)
      return Object.assign({}, ...schema.allOf.map((each) => this.#value(each, depth + 1)));
    if ('const' in schema) return schema.const;
    if (schema.enum !== undefined) return this.#one(schema.enum);
    return this.#ofType(Array.isArray(schema.type) ? this.#one(schema.type) : schema.type, schema, depth);
  }

  #ofType(type: string | undefined, schema: Schema, depth: number): unknown {
    switch (type) {
      case 'object':
        return this.#object(schema, depth);
      case 'array':
        return Array.from({ length: Math.floor(this.#random() * 4) }, () =>
          this.#value(schema.items ?? {}, depth + 1),
        );
      case 'integer':
      case 'number': {
        const from = schema.minimum ?? 0;
        const span = Math.min((schema.maximum ?? from + 100) - from, 1000);
        return this.#chance(0.8) ? Math.floor(from + this.#random() * span) : this.#one([-1, 1e12, 0.5]);
      }
      case 'boolean':
        return this.#chance(0.5);
      case 'null':
        return null;
      default:
        return this.#one(texts);
    }
  }

  /** Few of the optional members: an object with all of them is never one that is taken. */
  #object({ properties = {}, required = [] }: Schema, depth: number): object {
    const share = this.#one([0.1, 0.2, 0.5]);
    const made: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(properties))
      if (required.includes(name) ? this.#chance(0.95) : this.#chance(share))
        made[name] = this.#value(schema, depth + 1);
    if (this.#chance(0.02)) made[this.#one(texts)] = this.#one(values);
    return made;
  }

  #one<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T;
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  /** mulberry32: small, and the same everywhere. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function describe(document: OpenApiDocument): Described[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, RawOperation>).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      parameters: operation.parameters ?? [],
      body: operation.requestBody?.content['application/json']?.schema,
    })),
  );
}

interface RawOperation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}
