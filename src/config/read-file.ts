/** The configuration's file, and what is wrong with it, by line. */
import { readFileSync } from 'node:fs';
import { isMap, isNode, isPair, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { AppError } from '../base/errors.ts';
import { nearestName } from './nearest-name.ts';

export type Raw = Record<string, unknown>;

/** A problem of the file; `line` is undefined for what comes from a variable or an option. */
export interface ConfigProblem {
  line: number | undefined;
  /** Dotted, `file` for the whole. */
  key: string;
  message: string;
}

export interface ConfigFile {
  path: string;
  raw: Raw;
  /** Line of a key, or of the nearest one around it that the file has; 1 is the first. */
  lineOf: (path: readonly PropertyKey[]) => number | undefined;
}

/** @throws INPUT_CONFIG with every mistake of the YAML and its line. */
export function readConfigFile(path: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines });
  if (document.errors.length > 0) {
    throw configError(
      path,
      document.errors.map(({ message, linePos }) => ({
        line: linePos?.[0].line,
        key: 'file',
        message: message.split(/:?\n| at line /, 1)[0] ?? message,
      })),
    );
  }
  const value = (document.toJS() ?? {}) as unknown;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw configError(path, [{ line: 1, key: 'file', message: 'it must be a YAML mapping' }]);
  return { path, raw: { ...value }, lineOf: (keys) => lineOf(document, lines, keys) };
}

/** All problems in one error, in the order of the file. */
export function configError(path: string | undefined, problems: readonly ConfigProblem[]): AppError {
  const sorted = problems.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
  const texts = sorted.map(({ line, key, message }) =>
    [line === undefined ? '' : `line ${line}: `, key === 'file' ? '' : `${key}: `, message].join(''),
  );
  return new AppError('INPUT_CONFIG', `${path ?? 'the configuration'} is wrong: ${texts.join('; ')}`, {
    details: { problems: sorted },
  });
}

/** What a schema says against the values, with lines and, for unknown keys, what may have been meant. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType,
  file: ConfigFile | undefined,
): ConfigProblem[] {
  const at = (path: readonly PropertyKey[], message: string): ConfigProblem => ({
    line: file?.lineOf(path),
    key: path.map(String).join('.') || 'file',
    message,
  });
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [at(issue.path, issue.message)];
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => {
      const meant = nearestName(key, known);
      const hint = meant === undefined ? `it may be ${known.join(', ')}` : `did you mean ${meant}?`;
      return at([...issue.path, key], `there is no such option; ${hint}`);
    });
  });
}

interface SchemaNode {
  properties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | boolean;
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let node: SchemaNode | undefined = z.toJSONSchema(schema, { io: 'input' }) as SchemaNode;
  for (const key of path) {
    const more: SchemaNode | boolean | undefined = node?.additionalProperties;
    node = node?.properties?.[String(key)] ?? (typeof more === 'object' ? more : undefined);
  }
  return Object.keys(node?.properties ?? {});
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('INPUT_CONFIG', `${path} cannot be read: ${reason}`, { cause: error });
  }
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = document.contents;
  let line: number | undefined;
  for (const key of path) {
    if (!isMap(node)) break;
    const pair = node.items.find((item) => isPair(item) && isKey(item.key, key));
    if (pair === undefined) break;
    const start = isNode(pair.key) ? pair.key.range?.[0] : undefined;
    if (start !== undefined) line = lines.linePos(start).line;
    node = pair.value;
  }
  return line;
}

function isKey(node: unknown, key: PropertyKey): boolean {
  return isNode(node) && String(node.toJSON()) === String(key);
}
