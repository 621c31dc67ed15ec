import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AppError } from '../../base/errors.ts';
import type { LinkEncryption, LinkManifest, WrappedDataKey } from '../../domain/manifest.ts';
import type { MasterKey, MasterKeys } from './master-key.ts';
import { LinkSealing, tagBytes } from './sealing.ts';
import type { LinkIdentity } from './sealing.ts';

const cipherName = 'aes-256-gcm';
const dataKeyBytes = 32;
const nonceBytes = 12;

/** A new data key for one write of a link, and what its manifest says of it; the plain key is in `sealing` only. */
export function createLinkSealing(
  identity: LinkIdentity,
  master: MasterKey,
): { sealing: LinkSealing; encryption: LinkEncryption } {
  const bytes = randomBytes(dataKeyBytes);
  const wrapped = wrap(bytes, master, identity.linkId, 1);
  const dataKey = createSecretKey(bytes);
  bytes.fill(0);
  return {
    sealing: new LinkSealing(identity, new Map([[1, dataKey]])),
    encryption: { cipher: cipherName, dataKeys: [{ number: 1, wrapped: [wrapped] }] },
  };
}

/**
 * What an encrypted link is read with; undefined for one that is not. Throws STORE_NO_KEY, which is no damage, when
 * none of the master keys is one that it needs, and INTEGRITY_DATA_KEY_DAMAGED when the right one does not open it.
 */
export function openLinkSealing(
  manifest: Pick<LinkManifest, 'linkId' | 'pointId' | 'codec'>,
  keys: MasterKeys,
): LinkSealing | undefined {
  const { encryption } = manifest.codec;
  if (encryption === 'none') return undefined;
  const dataKeys = new Map<number, KeyObject>();
  for (const { number, wrapped } of encryption.dataKeys) {
    dataKeys.set(number, unwrapAny(wrapped, keys, manifest.linkId, number));
  }
  return new LinkSealing(manifest, dataKeys);
}

function unwrapAny(
  wrapped: readonly WrappedDataKey[],
  { all }: MasterKeys,
  linkId: string,
  number: number,
): KeyObject {
  for (const candidate of wrapped) {
    const master = all.find(({ id }) => id === candidate.masterKeyId);
    if (master !== undefined) return unwrap(candidate, master, linkId, number);
  }
  const needed = wrapped.map(({ masterKeyId }) => masterKeyId);
  const given =
    all.length === 0 ? 'no key is configured' : `configured: ${all.map(({ id }) => id).join(', ')}`;
  throw new AppError(
    'STORE_NO_KEY',
    `Link ${linkId} is encrypted with the master key ${needed.join(' or ')} (${given}). Name its file as encryption.key_file or among encryption.old_key_files (offline: --key-file).`,
    { details: { linkId, needed, configured: all.map(({ id }) => id) } },
  );
}

function wrap(bytes: Buffer, master: MasterKey, linkId: string, number: number): WrappedDataKey {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(cipherName, master.secret, nonce, { authTagLength: tagBytes });
  cipher.setAAD(purposeOf(linkId, number));
  const wrappedKey = Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  return {
    masterKeyId: master.id,
    nonce: nonce.toString('base64'),
    wrappedKey: wrappedKey.toString('base64'),
  };
}

function unwrap(wrapped: WrappedDataKey, master: MasterKey, linkId: string, number: number): KeyObject {
  const stored = Buffer.from(wrapped.wrappedKey, 'base64');
  try {
    const nonce = Buffer.from(wrapped.nonce, 'base64');
    const decipher = createDecipheriv(cipherName, master.secret, nonce, { authTagLength: tagBytes });
    decipher.setAAD(purposeOf(linkId, number));
    decipher.setAuthTag(stored.subarray(dataKeyBytes));
    const bytes = decipher.update(stored.subarray(0, dataKeyBytes));
    decipher.final();
    const key = createSecretKey(bytes);
    bytes.fill(0);
    return key;
  } catch (error) {
    // The id says that the key is the right one, so that it is the manifest that was changed.
    throw new AppError(
      'INTEGRITY_DATA_KEY_DAMAGED',
      `The data key of link ${linkId} is damaged: the master key ${master.id} does not open it.`,
      { details: { linkId }, cause: error },
    );
  }
}

function purposeOf(linkId: string, number: number): Buffer {
  return Buffer.from(`emberkeep data key 1 ${linkId} ${number}`);
}
