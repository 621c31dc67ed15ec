import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createRawFile } from './raw-file.ts';

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'emberkeep-raw-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('a raw file', () => {
  test('has its bytes and its size, and holes between them', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'disk.raw');
      const file = await createRawFile(path);
      await file.write(Buffer.from('first'), 0);
      await file.write(Buffer.from('later'), 50 * 1024 * 1024);
      assert.deepEqual(await readdir(folder), ['disk.raw.part'], 'no name before it is whole');
      await file.finish(64 * 1024 * 1024 + 3);
      assert.deepEqual(await readdir(folder), ['disk.raw']);
      const { size, blocks } = await stat(path);
      assert.equal(size, 64 * 1024 * 1024 + 3);
      assert.ok(blocks * 512 < 1024 * 1024);
      const bytes = await readFile(path);
      assert.equal(bytes.toString('latin1', 0, 6), 'first\0');
      assert.equal(bytes.toString('latin1', 50 * 1024 * 1024, 50 * 1024 * 1024 + 6), 'later\0');
    });
  });

  test('replaces nothing: neither at the beginning nor what came meanwhile', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'disk.raw');
      const file = await createRawFile(path);
      await assert.rejects(createRawFile(path), { code: 'CONFLICT_FILE_EXISTS' }, 'one is being written');
      await writeFile(path, 'mine');
      await assert.rejects(createRawFile(path), { code: 'CONFLICT_FILE_EXISTS' });
      await assert.rejects(file.finish(10), { code: 'CONFLICT_FILE_EXISTS' });
      await file.abandon();
      assert.deepEqual(await readdir(folder), ['disk.raw']);
      assert.equal(await readFile(path, 'utf8'), 'mine');
    });
  });

  test('that is abandoned leaves nothing; one that cannot be made says why', async () => {
    await withFolder(async (folder) => {
      const file = await createRawFile(join(folder, 'disk.raw'));
      await file.write(Buffer.from('x'), 0);
      await file.abandon();
      assert.deepEqual(await readdir(folder), []);
      await assert.rejects(createRawFile(join(folder, 'no/such/disk.raw')), {
        code: 'INPUT_FILE',
        message: /disk[.]raw[.]part cannot be written: ENOENT/,
      });
    });
  });
});
