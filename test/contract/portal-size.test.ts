/** What a browser loads before the portal shows anything: a bound that a careless import would break. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { after, before, describe, test } from 'node:test';
import { build } from 'vite';
import { isAllowedLicence } from '../support/licences.ts';

const maxScriptBytes = 60_000;

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
  dynamicImports?: string[];
}

let folder: string;
let chunks: Record<string, Chunk>;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'emberkeep-portal-'));
  await build({
    configFile: 'src/portal/vite.config.ts',
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  });
  chunks = JSON.parse(readFileSync(join(folder, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** The entry and what it imports at once, without what it loads later. */
function firstLoad(): string[] {
  const files = new Set<string>();
  const add = (name: string): void => {
    const chunk = chunks[name]!;
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const more of chunk.imports ?? []) add(more);
  };
  for (const [name, chunk] of Object.entries(chunks)) if (chunk.isEntry === true) add(name);
  return [...files];
}

describe('the portal as it is built', () => {
  test(`its first load is at most ${maxScriptBytes} bytes of script, compressed`, (context) => {
    const sizes = firstLoad().map((file) => gzipSync(readFileSync(join(folder, file))).length);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    context.diagnostic(`first load: ${bytes} bytes gzip`);
    assert.ok(sizes.length > 0 && bytes <= maxScriptBytes, `${bytes} bytes`);
  });

  test('the administrator’s pages are loaded only when they are needed', () => {
    const admin = chunks['admin/routes.tsx'];
    assert.ok(admin !== undefined && !firstLoad().includes(admin.file));
  });

  test('the licences of what is bundled lie beside it, with their texts, and are ones that we allow', () => {
    const text = readFileSync(join(folder, 'third-party-licences.md'), 'utf8');
    const parts = text.split(/^## /m).slice(1);
    const packages = parts.map((part) => /^(\S+) - \S+ \((.+)\)$/m.exec(part)!.slice(1) as [string, string]);
    const names = packages.map(([name]) => name);
    for (const bundled of ['preact', '@preact/signals', 'preact-iso', 'openapi-fetch'])
      assert.ok(names.includes(bundled), `${bundled} is not among ${names.join(', ')}`);
    for (const [name, licence] of packages) assert.ok(isAllowedLicence(licence), `${name}: ${licence}`);
    for (const part of parts) assert.match(part, /Copyright .+\n[^]*without (limitation|warranty)/i);
  });

  test('the page holds no script, style or address of its own: the content security policy allows none', () => {
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    assert.doesNotMatch(page, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    assert.doesNotMatch(page, /https?:\/\//);
    for (const file of firstLoad())
      assert.doesNotMatch(readFileSync(join(folder, file), 'utf8'), /\beval\(|new Function\(/);
  });
});
