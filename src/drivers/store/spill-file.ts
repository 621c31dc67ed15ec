import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../base/errors.ts';

/**
 * A file without a name for what does not fit into memory, in pieces of at most one size: it is removed from its
 * directory as soon as it is open, so that it goes with the process. It can hold plain bytes of encrypted links.
 */
export class SpillFile {
  readonly #slotBytes: number;
  readonly #free: number[] = [];
  #slots = 0;
  #file: Promise<FileHandle> | undefined;

  constructor(slotBytes: number) {
    this.#slotBytes = slotBytes;
  }

  /** Gives the slot that holds the bytes now. Throws STORE_SPILL_FAILED. */
  async write(bytes: Buffer): Promise<number> {
    const slot = this.#free.pop() ?? this.#slots++;
    try {
      this.#file ??= openNameless();
      const file = await this.#file;
      for (let at = 0; at < bytes.length;)
        at += (await file.write(bytes, at, bytes.length - at, slot * this.#slotBytes + at)).bytesWritten;
      return slot;
    } catch (error) {
      throw spillFailed(error);
    }
  }

  async read(slot: number, position: number, target: Buffer): Promise<void> {
    const file = await this.#file;
    for (let at = 0; at < target.length;) {
      const from = slot * this.#slotBytes + position + at;
      const read = await file?.read(target, at, target.length - at, from);
      if (read === undefined || read.bytesRead === 0)
        throw spillFailed(new Error('it is shorter than what was written'));
      at += read.bytesRead;
    }
  }

  free(slot: number): void {
    this.#free.push(slot);
  }

  async close(): Promise<void> {
    const file = await this.#file?.catch(() => undefined);
    await file?.close();
  }
}

async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `emberkeep-${randomBytes(8).toString('hex')}`);
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  await unlink(path);
  return file;
}

function spillFailed(cause: unknown): AppError {
  return new AppError(
    'STORE_SPILL_FAILED',
    `Segments of a chain do not fit into memory and could not be set aside in ${tmpdir()}; make room there or point TMPDIR to where there is some.`,
    { cause },
  );
}
