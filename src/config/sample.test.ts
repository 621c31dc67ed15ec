import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { loadConfig } from '../config.ts';
import { configOptions } from './options.ts';
import { sampleConfig } from './sample.ts';

const directory = mkdtempSync(join(tmpdir(), 'ek-sample-'));
after(() => rmSync(directory, { recursive: true }));

function load(text: string) {
  const path = join(directory, 'emberkeep.yaml');
  writeFileSync(path, text);
  return loadConfig({ env: {}, file: path, stateDir: '/state' });
}

function pathsOf(value: unknown, path: string[] = []): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path.join('.')];
  return Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]));
}

test('the sample means what an empty file means', () => {
  assert.deepEqual(load(sampleConfig()), load(''));
});

test('with its comment signs taken away it has every option, at its place', () => {
  const text = sampleConfig().replaceAll(/^#(?=( {2})*\w+:)/gm, '');
  const leaves = configOptions().filter(({ type }) => type !== 'section' && type !== 'mapping by name');
  assert.deepEqual(
    pathsOf(parse(text)),
    leaves.map(({ path }) => path.join('.')),
  );
});

test('what has a default has it in effect', () => {
  const config = load('') as unknown as Record<string, unknown>;
  for (const { path, default: value } of configOptions()) {
    if (value === undefined || path.includes('NAME') || path[1] === 's3') continue;
    const inEffect = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], config);
    assert.deepEqual(inEffect, value, path.join('.'));
  }
});
