/** Every option of the configuration, read from its schema: what the sample and the reference are made of. */
import { z } from 'zod';
import { configSchema } from '../config.ts';

export interface ConfigOption {
  /** Dotted; `NAME` stands for a key that the operator chooses. */
  path: readonly string[];
  description: string;
  /** In words: `text`, `whole number from 1 to 64`, `one of a, b`. */
  type: string;
  /** undefined: none. */
  default: unknown;
}

interface SchemaNode {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  format?: string;
  items?: SchemaNode;
  properties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | boolean;
}

/** What the operator puts in the place of NAME. */
export const anyName = 'NAME';

/** In the order of the schema. */
export function configOptions(): ConfigOption[] {
  return optionsBelow(z.toJSONSchema(configSchema, { io: 'input' }) as SchemaNode, []);
}

function optionsBelow(node: SchemaNode, path: readonly string[], inherited?: unknown): ConfigOption[] {
  const defaults = valuesOf(node.default ?? inherited);
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const here = [...path, key];
    const value = child.default ?? defaults[key];
    const named = child.additionalProperties;
    if (typeof named === 'object')
      return [optionOf(here, child, value), ...optionsOfNamed(named, [...here, anyName])];
    return child.properties === undefined
      ? [optionOf(here, child, value)]
      : [...groupOf(here, child), ...optionsBelow(child, here, value)];
  });
}

function optionsOfNamed(node: SchemaNode, path: readonly string[]): ConfigOption[] {
  return node.properties === undefined ? [optionOf(path, node, undefined)] : optionsBelow(node, path);
}

/** A section is an option only when it says something of itself. */
function groupOf(path: readonly string[], node: SchemaNode): ConfigOption[] {
  return node.description === undefined
    ? []
    : [{ path, description: node.description, type: 'section', default: undefined }];
}

function optionOf(path: readonly string[], node: SchemaNode, value: unknown): ConfigOption {
  return { path, description: node.description ?? '', type: typeOf(node), default: value };
}

function typeOf(node: SchemaNode): string {
  if (node.enum !== undefined) return `one of ${node.enum.join(', ')}`;
  switch (node.type) {
    case 'integer':
      return `whole number${rangeOf(node)}`;
    case 'number':
      return `number${rangeOf(node)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `list of ${node.items === undefined ? 'values' : typeOf(node.items)}`;
    case 'object':
      return 'mapping by name';
    default:
      return node.format === 'uri' ? 'URL' : 'text';
  }
}

/** Zod bounds every whole number by what a double can hold. */
function rangeOf({ minimum, maximum }: SchemaNode): string {
  const from = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const to = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (from !== undefined && to !== undefined) return ` from ${from} to ${to}`;
  if (from !== undefined) return ` from ${from}`;
  return to === undefined ? '' : ` up to ${to}`;
}

function valuesOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
