/**
 * What only the cookie opens: docs/adr/0032-portal-sessions.md. The catalog has the cookie's SHA-256 and ciphertext, so
 * that reading the database, or a dump of it, opens no session (I10).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

/** Of the cookie and of every key. */
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

export function newCookie(): Buffer {
  return randomBytes(keyBytes);
}

/** The name under which the catalog knows the session. */
export function sessionIdOf(cookie: Buffer): Buffer {
  return createHash('sha256').update(cookie).digest();
}

/** Nonce, ciphertext and tag of AES-256-GCM; bound to the session's id, so that it means nothing in another row. */
export function seal(cookie: Buffer, content: object): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(cookie, 'seal'), nonce);
  cipher.setAAD(sessionIdOf(cookie));
  const text = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, text, cipher.getAuthTag()]);
}

/** Throws when it was sealed with another cookie, or changed since. */
export function unseal(cookie: Buffer, sealed: Buffer): unknown {
  const nonce = sealed.subarray(0, nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(cookie, 'seal'), nonce, { authTagLength: tagBytes });
  decipher.setAAD(sessionIdOf(cookie));
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  const text = Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  return JSON.parse(text.toString('utf8'));
}

/**
 * What a page sends back with every change. It is another one for each scope, so that a page which shows one project
 * changes nothing in another that was chosen meanwhile in another tab.
 */
export function csrfTokenOf(cookie: Buffer, scope: string): string {
  return keyOf(cookie, `csrf ${scope}`).toString('base64url');
}

/** In constant time. */
export function isSameToken(given: string, expected: string): boolean {
  const [one, other] = [digest(given), digest(expected)];
  return timingSafeEqual(one, other);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function keyOf(cookie: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', cookie, Buffer.alloc(0), `emberkeep portal ${purpose}`, keyBytes));
}
