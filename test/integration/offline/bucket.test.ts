import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FilesystemStore } from '../../../src/drivers/store/filesystem-store.ts';
import { withBucket } from '../../support/s3-buckets.ts';

const run = promisify(execFile);
const fixtures = fileURLToPath(new URL('../../fixtures/store/', import.meta.url));
const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

test('an encrypted store in a bucket verifies and comes back with AWS variables and the keys alone', async () => {
  const folder = await mkdtemp('/tmp/ek-bucket-');
  try {
    await withBucket(async (bucket) => {
      const golden = await FilesystemStore.open(join(fixtures, 'v1-encrypted'));
      const objects = await bucket.open({ prefix: 'site/a' });
      for await (const { key } of golden.list('')) await objects.put(key, golden.open(key));
      objects.close();
      const keys = ['old.hex', 'current.base64'].map((name) => join(folder, name));
      for (const key of keys) {
        await cp(join(fixtures, 'keys', key.slice(folder.length + 1)), key);
        await chmod(key, 0o600);
      }
      const { endpoint, accessKeyId, secretAccessKey } = bucket.settings;
      const env = {
        PATH: process.env['PATH'],
        HOME: folder,
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      };
      const offline = async (...args: string[]): Promise<string> => {
        const store = [
          '--store',
          `s3://${bucket.name}/site/a`,
          ...keys.flatMap((key) => ['--key-file', key]),
        ];
        return (await run(process.execPath, [main, 'offline', ...args, ...store], { env, cwd: folder }))
          .stdout;
      };
      const states = await offline('verify', '--all', '-f', 'value', '-c', 'State');
      assert.equal(states, 'intact\nintact\nintact\n');
      const [latest = ''] = (await offline('list', '-f', 'value', '-c', 'ID')).split('\n');
      await offline('restore', latest, '--to-file', 'disk.raw');
      const bytes = await readFile(join(folder, 'disk.raw'));
      // What `rbd export` gave of the image (src/drivers/store/golden-encrypted-store.test.ts).
      assert.equal(
        createHash('sha256').update(bytes).digest('hex'),
        '416b067ca3a6b806bc37b558f6b56dda551f37225b9816fe1efabd91cbd922f0',
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
