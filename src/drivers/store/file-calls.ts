import { randomBytes } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { AppError } from '../../base/errors.ts';
import { filesystemError, systemCode, unreachableError } from './filesystem-errors.ts';

const writeStepBytes = 128 * 1024;
/** Ends the name of an unfinished put's file. */
export const partSuffix = '.part';
/** What follows an object's name in the name of an unfinished put of it. */
export const partPattern = /^[.][0-9a-f]{12}[.]part$/;

/** A name that no other put of the same object uses. */
export function partOf(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}${partSuffix}`;
}

/** Device and inode of a directory; throws STORE_UNREACHABLE when it is none. */
export async function identityOf(root: string): Promise<string> {
  const action = 'open the store';
  try {
    const found = await stat(root);
    if (found.isDirectory()) return `${found.dev}:${found.ino}`;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw unreachableError(root, action, { cause: error });
    throw filesystemError(error, root, action);
  }
  throw new AppError('STORE_UNREACHABLE', `Cannot ${action}: ${root} is not a directory.`);
}

/**
 * In steps, because the kernel takes one large write into large folios, for which it needs memory in large pieces: on a
 * virtual machine with free page reporting those are its host's, and 1 GiB took 1.5 s of CPU time more.
 */
export async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, at, Math.min(writeStepBytes, chunk.length - at));
    at += bytesWritten;
  }
}

/** Makes a folder's entries durable. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return await open(path, 'r').catch(undefinedIfMissing);
}

/** For a promise's rejection: a missing file is an answer, everything else stays an error. */
export function undefinedIfMissing(error: unknown): undefined {
  if (systemCode(error) === 'ENOENT') return undefined;
  throw error;
}
