/** AES-256-GCM over stored objects: docs/design/format.md, section "Encryption". */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Cipheriv, Decipheriv, Hash, KeyObject } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { releaseMemory } from '../../base/memory.ts';

const cipherName = 'aes-256-gcm';
export const tagBytes = 16;
/** What OpenSSL encrypts in one call: its output then stays within the processor's cache until it is copied back. */
const stepBytes = 64 * 1024;
/** After so many bytes the main thread is given to others. */
const turnBytes = 1024 * 1024;
const purposes = { segment: 1, index: 2 } as const;

/** All that one object's encryption depends on; a nonce is used once under its key. */
export interface Seal {
  readonly key: KeyObject;
  readonly nonce: Buffer;
  readonly associatedData: Buffer;
}

export interface LinkIdentity {
  linkId: string;
  pointId: string;
}

/**
 * The seals of one link. A data key belongs to one link and one write of it, and a number is given to one object, so
 * that a nonce made of purpose and number never repeats.
 */
export class LinkSealing {
  readonly #identity: LinkIdentity;
  readonly #dataKeys: ReadonlyMap<number, KeyObject>;

  /** @param dataKeys by their numbers in the manifest; number 1 seals the index */
  constructor(identity: LinkIdentity, dataKeys: ReadonlyMap<number, KeyObject>) {
    this.#identity = identity;
    this.#dataKeys = dataKeys;
  }

  /** Undefined when the link has no such data key. */
  segment(number: number, dataKey = 1): Seal | undefined {
    const key = this.#dataKeys.get(dataKey);
    return key === undefined ? undefined : this.#seal('segment', number, key);
  }

  /** The frames of the index are numbered from 0. */
  indexFrame(number: number): Seal {
    const key = this.#dataKeys.get(1);
    if (key === undefined) throw new Error('The link has no data key 1.');
    return this.#seal('index', number, key);
  }

  #seal(purpose: keyof typeof purposes, number: number, key: KeyObject): Seal {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32LE(purposes[purpose], 0);
    nonce.writeBigUInt64LE(BigInt(number), 4);
    const { pointId, linkId } = this.#identity;
    const associatedData = Buffer.from(`emberkeep-link 1 ${purpose} ${pointId} ${linkId} ${number}`);
    return { key, nonce, associatedData };
  }
}

/**
 * Encrypts `pieces`, one after the other, where they stand; the tag, which is to follow them, is returned. `hash` gets
 * the encrypted bytes and the tag.
 */
export async function seal(pieces: readonly Buffer[], how: Seal, hash?: Hash): Promise<Buffer> {
  const cipher = createCipheriv(cipherName, how.key, how.nonce, { authTagLength: tagBytes });
  cipher.setAAD(how.associatedData);
  for (const piece of pieces) await passThrough(cipher, piece, hash);
  cipher.final();
  const tag = cipher.getAuthTag();
  hash?.update(tag);
  return tag;
}

/**
 * Decrypts `stored`, ciphertext and tag, where it stands and returns the view without the tag. Throws an Error when it
 * is not what was sealed in this way; nothing of `stored` may be used then.
 */
export async function openSealed(stored: Buffer, how: Seal): Promise<Buffer> {
  if (stored.length < tagBytes) throw new Error('it is too short to be encrypted');
  const decipher = createDecipheriv(cipherName, how.key, how.nonce, { authTagLength: tagBytes });
  decipher.setAAD(how.associatedData);
  decipher.setAuthTag(stored.subarray(stored.length - tagBytes));
  const bytes = stored.subarray(0, stored.length - tagBytes);
  await passThrough(decipher, bytes);
  decipher.final();
  return bytes;
}

/**
 * In small steps and back into the same memory: a buffer of the whole size would be fresh memory for each segment, and
 * getting that costs more than the encryption.
 */
async function passThrough(cipher: Cipheriv | Decipheriv, bytes: Buffer, hash?: Hash): Promise<void> {
  for (let at = 0; at < bytes.length; at += stepBytes) {
    const output = cipher.update(bytes.subarray(at, at + stepBytes));
    hash?.update(output);
    output.copy(bytes, at);
    releaseMemory(output);
    if ((at + stepBytes) % turnBytes === 0) await nextTurn();
  }
}
