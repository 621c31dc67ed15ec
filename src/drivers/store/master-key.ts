import { createHash, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AppError } from '../../base/errors.ts';

export const masterKeyBytes = 32;

/** A key that wraps the data keys of links; it never encrypts data itself. */
export interface MasterKey {
  /** First 16 hexadecimal digits of a hash of the key: tells keys apart, tells nothing of the key (I10). */
  readonly id: string;
  readonly secret: KeyObject;
}

export interface MasterKeys {
  /** New links are encrypted with it; undefined writes them plain. */
  readonly current: MasterKey | undefined;
  /** Every key that links may be read with, the current one first. */
  readonly all: readonly MasterKey[];
}

export const noMasterKeys: MasterKeys = { current: undefined, all: [] };

/** @param secret 32 random bytes; overwritten with zeros, so that the key is only where Node never prints it */
export function createMasterKey(secret: Buffer): MasterKey {
  if (secret.length !== masterKeyBytes) {
    throw new AppError('INPUT_MASTER_KEY', `A master key has ${masterKeyBytes} bytes, not ${secret.length}.`);
  }
  const hash = createHash('sha256').update('emberkeep master key v1\n').update(secret);
  const key = { id: hash.digest('hex').slice(0, 16), secret: createSecretKey(secret) };
  secret.fill(0);
  return key;
}

export function masterKeyRing(current: MasterKey | undefined, old: readonly MasterKey[] = []): MasterKeys {
  return { current, all: current === undefined ? [...old] : [current, ...old] };
}
