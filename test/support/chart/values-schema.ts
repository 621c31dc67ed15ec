/** values.schema.json: the shape of values.yaml, the meaning of its values, and conf.emberkeep from our own schema. */
import { z } from 'zod';
import { configSchema } from '../../../src/config.ts';
import { chartValues, type ChartValue } from './values-file.ts';
import { rules } from './values-rules.ts';

export type JsonSchema = Record<string, unknown>;

/** What the chart decides by its own objects. */
const ownedByChart = [
  'state_dir',
  'listen',
  'endpoint',
  'database',
  'keystone',
  'clusters',
  'store',
  'encryption',
];

export function valuesSchema(values = chartValues()): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $comment: 'Made by `npm run docs:chart` from values.yaml and the schema of the configuration.',
    title: 'Values of the chart emberkeep',
    ...closed(values, []),
  };
}

function closed(values: readonly ChartValue[], at: readonly string[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const value of values) {
    const key = value.path[at.length]!;
    const here = [...at, key];
    properties[key] ??=
      value.path.length === here.length
        ? leaf(value)
        : closed(
            values.filter(({ path }) => here.every((name, index) => path[index] === name)),
            here,
          );
  }
  // A chart that has this one as a part hands its `global` down.
  if (at.length === 0) properties['global'] = { type: 'object' };
  return { type: 'object', additionalProperties: false, properties };
}

function leaf({ path, default: value, description }: ChartValue): JsonSchema {
  const name = path.join('.');
  if (name === 'conf.emberkeep') return { description, ...configOfChart() };
  return { description, ...(rules[name] ?? typeOf(name, value)) };
}

function typeOf(name: string, value: unknown): JsonSchema {
  if (typeof value === 'boolean') return { type: 'boolean' };
  if (typeof value === 'string') return { type: 'string' };
  throw new Error(`${name}: say in values-rules.ts which values it may have`);
}

/** Formats that Helm does not check are left out. */
function configOfChart(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }) as {
    properties: Record<string, JsonSchema>;
  };
  const properties = Object.fromEntries(
    Object.entries(schema.properties).filter(([key]) => !ownedByChart.includes(key)),
  );
  const monitoring = properties['monitoring'] as { properties: Record<string, unknown> };
  delete monitoring.properties['listen'];
  return { type: 'object', additionalProperties: false, properties };
}
