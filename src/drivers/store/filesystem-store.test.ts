import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { storeContract } from '../../../test/contract/store-contract.ts';
import { filesystemError } from './filesystem-errors.ts';
import { FilesystemStore } from './filesystem-store.ts';

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'emberkeep-store-'));
  try {
    await body(folder);
  } finally {
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true, force: true });
  }
}

storeContract('the directory store', async () => {
  const root = await mkdtemp(join(tmpdir(), 'emberkeep-store-'));
  return {
    store: await FilesystemStore.open(root),
    reopen: () => FilesystemStore.open(root),
    close: () => rm(root, { recursive: true, force: true }),
  };
});

describe('the directory store', () => {
  test('files are for their owner alone', async () => {
    await withFolder(async (root) => {
      const store = await FilesystemStore.open(root);
      await store.put('links/a/b', Buffer.from('x'));
      assert.equal((await stat(join(root, 'links/a/b'))).mode & 0o777, 0o600);
      assert.equal((await stat(join(root, 'links/a'))).mode & 0o777, 0o700);
    });
  });

  test('what a killed put left is not listed, and goes with its folder', async () => {
    await withFolder(async (root) => {
      const store = await FilesystemStore.open(root);
      await store.put('links/a/one', Buffer.from('x'));
      await writeFile(join(root, 'links/a/two.0123456789ab.part'), 'half');
      const listed: string[] = [];
      for await (const { key } of store.list('')) listed.push(key);
      assert.deepEqual(listed, ['links/a/one']);
      await store.removeFolder('links/a');
      assert.deepEqual(await readdir(root), []);
    });
  });

  test('remove takes what killed puts of that object left, and nothing of others', async () => {
    await withFolder(async (root) => {
      const store = await FilesystemStore.open(root);
      await store.put('points/a', Buffer.from('x'));
      await store.put('points/a.b', Buffer.from('x'));
      for (const part of ['a.0123456789ab.part', 'a.b.0123456789ab.part']) {
        await writeFile(join(root, 'points', part), 'half');
      }
      await store.remove('points/a');
      assert.deepEqual((await readdir(join(root, 'points'))).sort(), ['a.b', 'a.b.0123456789ab.part']);
    });
  });

  test('a copy takes no room', async () => {
    await withFolder(async (root) => {
      const store = await FilesystemStore.open(root);
      await store.put('a/from', Buffer.from('x'));
      await store.copy('a/from', 'b/to');
      await store.copy('a/from', 'b/to');
      assert.equal((await stat(join(root, 'a/from'))).ino, (await stat(join(root, 'b/to'))).ino);
      assert.deepEqual(await readdir(join(root, 'b')), ['to']);
    });
  });

  test('a folder on another file system gets a copy of its own', async () => {
    await withFolder(async (root) => {
      const elsewhere = await mkdtemp('/dev/shm/emberkeep-store-');
      try {
        await symlink(elsewhere, join(root, 'links'));
        const store = await FilesystemStore.open(root);
        await store.put('from', Buffer.from('x'));
        await store.copy('from', 'links/to');
        assert.equal((await store.get('links/to', 10))?.toString(), 'x');
        assert.deepEqual(await readdir(elsewhere), ['to']);
      } finally {
        await rm(elsewhere, { recursive: true });
      }
    });
  });

  test('a directory that does not exist is not made', async () => {
    await withFolder(async (root) => {
      await assert.rejects(FilesystemStore.open(join(root, 'typo')), {
        code: 'STORE_UNREACHABLE',
        retryable: true,
      });
      await writeFile(join(root, 'file'), '');
      await assert.rejects(FilesystemStore.open(join(root, 'file')), { code: 'STORE_UNREACHABLE' });
      assert.deepEqual(await readdir(root), ['file']);
    });
  });

  test('when the file system goes away, nothing is written beneath its mount point', async () => {
    await withFolder(async (folder) => {
      const root = join(folder, 'mnt');
      await mkdir(root);
      const store = await FilesystemStore.open(root);
      await store.put('emberkeep-store.json', Buffer.from('{}'));
      await rename(root, join(folder, 'unmounted'));
      await assert.rejects(store.put('links/a', Buffer.from('x')), { code: 'STORE_UNREACHABLE' });
      await mkdir(root);
      await assert.rejects(store.put('links/a', Buffer.from('x')), {
        code: 'STORE_UNREACHABLE',
        retryable: true,
      });
      assert.deepEqual(await readdir(root), []);
      await rm(root, { recursive: true });
      await rename(join(folder, 'unmounted'), root);
      await store.put('links/a', Buffer.from('x'));
    });
  });

  test('another file system with a store in its place counts as a remount', async () => {
    await withFolder(async (folder) => {
      const root = join(folder, 'mnt');
      await mkdir(root);
      const store = await FilesystemStore.open(root);
      await rename(root, join(folder, 'old'));
      await mkdir(root);
      await writeFile(join(root, 'emberkeep-store.json'), '{}');
      await store.put('a', Buffer.from('x'));
      assert.deepEqual((await readdir(root)).sort(), ['a', 'emberkeep-store.json']);
    });
  });

  test('a file in the place of a folder is a clear error and leaves no part behind', async () => {
    await withFolder(async (root) => {
      const store = await FilesystemStore.open(root);
      await store.put('links', Buffer.from('x'));
      await assert.rejects(store.put('links/a', Buffer.from('x')), { code: 'STORE_IO' });
      await mkdir(join(root, 'folder'));
      await assert.rejects(store.put('folder', Buffer.from('x')), { code: 'STORE_IO' });
      assert.deepEqual((await readdir(root)).sort(), ['folder', 'links']);
    });
  });

  test('system errors become what they mean for the store', () => {
    const meaning = (code: string): string =>
      filesystemError(Object.assign(new Error(code), { code }), '/srv/store', 'write x').code;
    assert.equal(meaning('ENOSPC'), 'STORE_FULL');
    assert.equal(meaning('EDQUOT'), 'STORE_FULL');
    assert.equal(meaning('EACCES'), 'STORE_NO_PERMISSION');
    assert.equal(meaning('EROFS'), 'STORE_NO_PERMISSION');
    assert.equal(meaning('ESTALE'), 'STORE_UNREACHABLE');
    assert.equal(meaning('EMFILE'), 'STORE_IO');
  });
});
