/** The chart rendered by `helm template`, for tests. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { chartDirectory } from './values-file.ts';

const run = promisify(execFile);

export const releaseName = 'ek';
export const namespace = 'openstack';

/** What the tests ask of any object. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [key: string]: unknown;
}

export function exampleFiles(): string[] {
  return readdirSync(`${chartDirectory}/ci`).map((name) => `${chartDirectory}/ci/${name}`);
}

/** Rejects with what Helm says. */
export async function renderChart(valuesFile: string, sets: readonly string[] = []): Promise<KubeObject[]> {
  const { stdout } = await run(
    'helm',
    [
      'template',
      releaseName,
      chartDirectory,
      '--namespace',
      namespace,
      '-f',
      valuesFile,
      ...sets.flatMap((set) => ['--set', set]),
    ],
    { maxBuffer: 16 * 1024 * 1024 },
  );
  return parseAllDocuments(stdout).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(`${valuesFile}: ${document.errors.join('; ')}`);
    const object = document.toJS() as KubeObject | null;
    return object === null ? [] : [object];
  });
}

export function named(objects: readonly KubeObject[], kind: string, name: string): KubeObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

export function ofKind(objects: readonly KubeObject[], ...kinds: string[]): KubeObject[] {
  return objects.filter(({ kind }) => kinds.includes(kind));
}
