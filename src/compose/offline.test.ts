import assert from 'node:assert/strict';
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadConfig } from '../config.ts';
import { openOffline } from './offline.ts';

const fixtures = new URL('../../test/fixtures/store/', import.meta.url).pathname;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ek-offline-'));
  await cp(join(fixtures, 'v1-encrypted'), join(folder, 'store'), { recursive: true });
  for (const key of ['old.hex', 'current.base64']) {
    await cp(join(fixtures, 'keys', key), join(folder, key));
    await chmod(join(folder, key), 0o600);
  }
});
after(() => rm(folder, { recursive: true }));

/** Of every point, where the configuration has both keys of the store. */
async function statesWith(keyFiles: string[]): Promise<string[]> {
  const file = join(folder, 'emberkeep.yaml');
  const encryption = { key_file: join(folder, 'current.base64'), old_key_files: [join(folder, 'old.hex')] };
  await writeFile(file, JSON.stringify({ store: { directory: join(folder, 'store') }, encryption }));
  const opened = await openOffline(loadConfig({ env: {}, file, stateDir: folder }), { keyFiles });
  try {
    const { points } = await opened.verify({
      pointId: undefined,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    return points.map(({ state }) => state);
  } finally {
    opened.close();
  }
}

test('keys that are given stand instead of the configured ones, so that it shows which points need another', async () => {
  assert.deepEqual(await statesWith([]), ['intact', 'intact', 'intact']);
  const withCurrent = await statesWith([join(folder, 'current.base64')]);
  assert.ok(withCurrent.includes('unverified'), withCurrent.join());
});
