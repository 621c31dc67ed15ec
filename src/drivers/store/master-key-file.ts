import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { AppError } from '../../base/errors.ts';
import { systemCode } from './filesystem-errors.ts';
import { createMasterKey, masterKeyBytes, masterKeyRing } from './master-key.ts';
import type { MasterKey, MasterKeys } from './master-key.ts';

/** Far more than a key and its line end; what is longer is another file, and is not read into memory. */
const maxFileBytes = 256;
/** Others may do nothing. The group may read, since Kubernetes gives a secret to a process by its group. */
const refusedMode = 0o027;

export interface MasterKeyFiles {
  /** Key of new links; undefined: they are not encrypted. */
  keyFile: string | undefined;
  /** Keys of older links. */
  oldKeyFiles: readonly string[];
}

/** Throws INPUT_KEY_FILE, which names the file and what is wrong, never what is in it (I10). */
export async function readMasterKeys({ keyFile, oldKeyFiles }: MasterKeyFiles): Promise<MasterKeys> {
  const current = keyFile === undefined ? undefined : await readMasterKey(keyFile);
  const old: MasterKey[] = [];
  for (const path of oldKeyFiles) old.push(await readMasterKey(path));
  return masterKeyRing(current, old);
}

/** A file of 64 hexadecimal digits or the same 32 bytes in base64, with or without a line end. */
export async function readMasterKey(path: string): Promise<MasterKey> {
  const text = (await readPrivateFile(path)).trim();
  const secret = parse(text);
  if (secret !== undefined) return createMasterKey(secret);
  throw keyFileError(
    path,
    `does not hold a key: ${masterKeyBytes} random bytes as 64 hexadecimal digits or in base64 are needed. Make one with: (umask 077; openssl rand -hex 32 >FILE)`,
  );
}

function parse(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (/^[A-Za-z0-9+/]{43}=$/.test(text)) return Buffer.from(text, 'base64');
  return undefined;
}

async function readPrivateFile(path: string): Promise<string> {
  let file: FileHandle | undefined;
  try {
    // Opened once and asked by its descriptor: what is checked is what is read.
    file = await open(path, 'r');
    const { mode } = await file.stat();
    if ((mode & refusedMode) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      throw keyFileError(path, `can be read or changed by others (mode ${octal}). Run: chmod 600 ${path}`);
    }
    const buffer = Buffer.alloc(maxFileBytes);
    const { bytesRead } = await file.read(buffer, 0, maxFileBytes, 0);
    const text = buffer.toString('latin1', 0, bytesRead);
    buffer.fill(0);
    return text;
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = systemCode(error) ?? 'unknown error';
    const hint = code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
    throw keyFileError(path, hint, error);
  } finally {
    await file?.close();
  }
}

function keyFileError(path: string, what: string, cause?: unknown): AppError {
  return new AppError('INPUT_KEY_FILE', `The encryption key file ${path} ${what}`, {
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}
