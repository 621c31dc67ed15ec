/** A real Keystone that also takes one-time passcodes, which the cloud's own does not. */
import { createHmac } from 'node:crypto';
import { devcloudFile } from './devcloud.ts';
import { startSecondKeystone, usualMethods, type SecondKeystone } from './second-keystone.ts';

export function startKeystoneWithTotp(): Promise<SecondKeystone> {
  const keys = devcloudFile('data/keystone/fernet');
  return startSecondKeystone({
    conf: `[auth]\nmethods = ${usualMethods},totp\n[fernet_receipts]\nkey_repository = ${keys}`,
  });
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 6238 with its usual settings: SHA-1, 30 s, six digits. @param secret base32. */
export function totp(secret: string, at: Date): string {
  const bits = Array.from(secret, (letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at.getTime() / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
