/** Fields of a JSON Schema of the OpenAPI document as lines of Markdown. */
import { code, linkTo, prose } from './markdown.ts';

/** The part of JSON Schema that the document uses; what it does not know makes `typeOf` throw. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  default?: unknown;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  example?: unknown;
  anyOf?: Schema[];
  allOf?: Schema[];
  additionalProperties?: boolean | Schema;
}

/** A line for each field, those of nested objects below them; `isRequest` tells which may be left out. */
export function fieldLines(schema: Schema, isRequest: boolean, prefix = ''): string[] {
  const required = schema.required ?? [];
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = prefix + name;
    const mayLack = !required.includes(name);
    const nested = isPageLinks(field) ? undefined : nestedOf(field);
    const below = nested === undefined ? [] : fieldLines(nested.schema, isRequest, path + nested.suffix);
    return [fieldLine(path, field, mayLack, isRequest), ...below];
  });
}

export function fieldLine(path: string, field: Schema, mayLack: boolean, isRequest: boolean): string {
  const facts = [
    typeOf(field),
    ...(mayLack && field.default === undefined ? ['optional'] : []),
    ...(isRequest ? limitsOf(field) : []),
    ...(field.default === undefined ? [] : [`default ${code(JSON.stringify(field.default))}`]),
  ];
  const description = field.description === undefined ? '' : `: ${prose(field.description)}`;
  return `- ${code(path)} (${facts.join(', ')})${description}`;
}

export function nameOfRef(ref: string): string {
  return ref.replace('#/components/schemas/', '');
}

/** `links` of a list, which are the same everywhere. */
function isPageLinks({ items }: Schema): boolean {
  return Object.keys(items?.properties ?? {}).join() === 'rel,href';
}

/** An object without a name of its own, alone or as the items of a list. */
function nestedOf(schema: Schema): { schema: Schema; suffix: string } | undefined {
  const variant = schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
  if (variant.properties !== undefined) return { schema: variant, suffix: '.' };
  const { items } = variant;
  return items?.properties === undefined ? undefined : { schema: items, suffix: '[].' };
}

export function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return linkTo(nameOfRef(schema.$ref));
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  const types = [schema.type ?? []].flat();
  if (types.length === 0) throw new Error(`no type is known for ${JSON.stringify(schema)}`);
  return types.map((type) => singleType(type, schema)).join(' or ');
}

function singleType(type: string, schema: Schema): string {
  if (type === 'array') return listType(schema);
  if (type === 'object') return objectType(schema);
  const { format, enum: values } = schema;
  if (type !== 'null' && values !== undefined) {
    const shown = values.map((value) => code(String(value)));
    return shown.length === 1 ? shown.join() : `one of ${shown.join(', ')}`;
  }
  if (type === 'string') return { 'date-time': 'time', uuid: 'UUID' }[format ?? ''] ?? 'text';
  return { integer: 'whole number', boolean: 'true or false' }[type] ?? type;
}

function listType(schema: Schema): string {
  if (isPageLinks(schema)) return 'list of `{ rel, href }`';
  return `list of ${schema.items === undefined ? 'anything' : typeOf(schema.items)}`;
}

function objectType({ properties, additionalProperties: more }: Schema): string {
  if (typeof more !== 'object' || properties !== undefined) return 'object';
  return `object with any keys${more.type === 'string' ? ' and text' : ''}`;
}

function limitsOf(schema: Schema): string[] {
  const { minimum, maximum, maxLength, maxItems } = schema;
  return [
    ...(minimum === undefined && maximum === undefined ? [] : [range(minimum, maximum)]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(maxItems === undefined ? [] : [`at most ${maxItems}`]),
  ];
}

function range(minimum: number | undefined, maximum: number | undefined): string {
  if (maximum === undefined || maximum === Number.MAX_SAFE_INTEGER) return `at least ${minimum ?? 0}`;
  return minimum === undefined ? `at most ${maximum}` : `${minimum} to ${maximum}`;
}
