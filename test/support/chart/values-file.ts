/** values.yaml as its readers see it: every value with the comment above it. */
import { readFileSync } from 'node:fs';
import { isMap, isNode, isScalar, parseDocument, type YAMLMap } from 'yaml';

export const chartDirectory = 'charts/emberkeep';

export interface ChartValue {
  path: readonly string[];
  default: unknown;
  description: string;
}

/**
 * In the order of the file. What has a comment is one value, even when it is a mapping; what has none is looked into.
 * Throws for a value that has no comment.
 */
export function chartValues(text = readFileSync(`${chartDirectory}/values.yaml`, 'utf8')): ChartValue[] {
  const document = parseDocument(text);
  if (!isMap(document.contents)) throw new Error('values.yaml must be a mapping');
  return valuesBelow(document.contents, [], text);
}

function valuesBelow(map: YAMLMap, path: readonly string[], text: string): ChartValue[] {
  return map.items.flatMap(({ key, value }) => {
    if (!isScalar(key) || typeof key.value !== 'string' || !key.range)
      throw new Error(`below ${path.join('.')}: a key must be text`);
    const here = [...path, key.value];
    const description = commentAbove(text, key.range[0]);
    if (description !== '') {
      return [{ path: here, default: isNode(value) ? value.toJSON() : null, description }];
    }
    if (!isMap(value)) throw new Error(`${here.join('.')} has no comment; write what it means above it`);
    return valuesBelow(value, here, text);
  });
}

/** The comment's lines that stand directly above the line of this offset. */
function commentAbove(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n').slice(0, -1);
  const comment: string[] = [];
  for (const line of lines.toReversed()) {
    const [, words] = /^\s*# ?(.*)$/.exec(line) ?? [];
    if (words === undefined) break;
    comment.unshift(words);
  }
  return comment.join(' ');
}

/** As Helm puts a values file over the chart's own: mappings are merged, null takes a key away. */
export function mergedValues(base: unknown, over: unknown): unknown {
  if (!isMapping(base) || !isMapping(over)) return over;
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a copy of plain data
    if (value === null) delete merged[key];
    else merged[key] = mergedValues(merged[key], value);
  }
  return merged;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
