import { link, open, rename, rm } from 'node:fs/promises';
import { AppError, describeError } from '../../base/errors.ts';

/** A raw disk image on its way to being a file: sparse, and under its name only when it is whole. */
export interface RawFile {
  /** `bytes` may be used again when the promise resolves. Throws INPUT_FILE. */
  write: (bytes: Buffer, position: number) => Promise<void>;
  /** Gives the file its size and its name, durably. Throws CONFLICT_FILE_EXISTS and INPUT_FILE. */
  finish: (sizeBytes: number) => Promise<void>;
  /** Removes what was written. */
  abandon: () => Promise<void>;
}

/** Nothing is overwritten, neither now nor at the end. */
export async function createRawFile(path: string): Promise<RawFile> {
  const part = `${path}.part`;
  await refuseExisting(path);
  const file = await guard(part, () => open(part, 'wx', 0o600));
  return {
    write: (bytes, position) =>
      guard(part, async () => {
        for (let at = 0; at < bytes.length;)
          at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
      }),
    finish: async (sizeBytes) => {
      await guard(part, async () => {
        await file.truncate(sizeBytes);
        await file.sync();
        await file.close();
      });
      await guard(path, () => nameIt(part, path));
    },
    abandon: async () => {
      await file.close().catch(() => undefined);
      await rm(part, { force: true }).catch(() => undefined);
    },
  };
}

/** A link and not a rename, which would replace what came there meanwhile; but not every file system has links. */
async function nameIt(part: string, path: string): Promise<void> {
  try {
    await link(part, path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw error;
    await refuseExisting(path);
    await rename(part, path);
    return;
  }
  await rm(part);
}

async function refuseExisting(path: string): Promise<void> {
  const existing = await open(path, 'r').catch(() => undefined);
  if (existing === undefined) return;
  await existing.close();
  throw exists(path);
}

async function guard<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw exists(path, error);
    throw new AppError('INPUT_FILE', `${path} cannot be written: ${describeError(error)}`, { cause: error });
  }
}

function exists(path: string, cause?: unknown): AppError {
  return new AppError(
    'CONFLICT_FILE_EXISTS',
    `${path} exists; a restore never overwrites a file, so give another name or remove it`,
    cause === undefined ? {} : { cause },
  );
}
