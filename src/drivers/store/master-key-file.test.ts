import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { describeError } from '../../base/errors.ts';
import { readMasterKey, readMasterKeys } from './master-key-file.ts';
import { createMasterKey } from './master-key.ts';

async function withFile(
  content: string | Buffer,
  mode: number,
  body: (path: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'emberkeep-key-'));
  try {
    const path = join(folder, 'key');
    await writeFile(path, content);
    await chmod(path, mode);
    await body(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const secret = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
const id = createMasterKey(Buffer.from(secret)).id;

describe('a key file', () => {
  test('is 64 hexadecimal digits or base64, with or without a line end, and has a stable id', async () => {
    assert.equal(id, '7aa92d1c2485cd8f');
    const hex = secret.toString('hex');
    for (const content of [hex, `${hex}\n`, hex.toUpperCase(), secret.toString('base64'), ` ${hex}\r\n`]) {
      await withFile(content, 0o400, async (path) => assert.equal((await readMasterKey(path)).id, id));
    }
    await withFile(hex, 0o440, async (path) => assert.equal((await readMasterKey(path)).id, id));
  });

  test('is refused when others can read or change it, in one line that says what to do', async () => {
    for (const mode of [0o644, 0o604, 0o660, 0o602]) {
      await withFile(secret.toString('hex'), mode, async (path) => {
        await assert.rejects(readMasterKey(path), {
          code: 'INPUT_KEY_FILE',
          message: new RegExp(
            `^The encryption key file ${path} can be read .* \\(mode 0${mode.toString(8)}\\). Run: chmod 600`,
          ),
        });
      });
    }
  });

  test('is refused when it holds something else, and nothing of it is told (I10)', async () => {
    const hex = secret.toString('hex');
    for (const content of [
      '',
      hex.slice(1),
      `${hex}00`,
      `${hex}\n${hex}`,
      'geheim',
      secret,
      randomBytes(1e6),
    ]) {
      await withFile(content, 0o600, async (path) => {
        await assert.rejects(readMasterKey(path), (error: unknown) => {
          assert.match(describeError(error), /does not hold a key: 32 random bytes/);
          assert.equal(inspect(error).includes(hex.slice(1, 20)), false);
          assert.equal(inspect(error).includes('geheim'), false);
          return true;
        });
      });
    }
  });

  test('that is not there is named', async () => {
    await assert.rejects(readMasterKey('/nowhere/key'), {
      code: 'INPUT_KEY_FILE',
      message: 'The encryption key file /nowhere/key is not there',
    });
    await assert.rejects(readMasterKey(tmpdir()), { code: 'INPUT_KEY_FILE' });
  });

  test('may be for reading only', async () => {
    await withFile(secret.toString('hex'), 0o600, async (path) => {
      const keys = await readMasterKeys({ keyFile: undefined, oldKeyFiles: [path] });
      assert.equal(keys.current, undefined);
      assert.deepEqual(
        keys.all.map((key) => key.id),
        [id],
      );
      assert.equal(inspect(keys, { depth: 9, showHidden: true }).includes('0001020304'), false);
    });
  });
});
